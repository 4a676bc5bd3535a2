// A day is written dd/mm/yyyy in every browser. It is told once it is whole and possible, when it is
// entered or left; until then a note beside the field says what is missing.

function readDay(text) {
  const whole = text.trim()
  const named = whole.match(/^(?<y>\d{4})-(?<m>\d\d)-(?<d>\d\d)$/) ??
    whole.match(/^(?<d>\d{1,2})[-/. ](?<m>\d{1,2})[-/. ](?<y>\d{4})$/) ??
    whole.match(/^(?<d>\d\d)(?<m>\d\d)(?<y>\d{4})$/)
  if (!named) return null
  const {y, m, d} = named.groups
  const day = new Date(Date.UTC(y, m - 1, d))
  return day.getUTCMonth() === m - 1 && day.getUTCDate() === Number(d) ? day : null
}

const iso = (day) => day.toISOString().slice(0, 10)
const written = (day) => iso(day).split("-").reverse().join("/")

function moved(day, key) {
  const next = new Date(day)
  const step = key === "ArrowUp" || key === "PageUp" ? 1 : -1
  if (key.startsWith("Arrow")) {
    next.setUTCDate(next.getUTCDate() + step)
  } else {
    next.setUTCMonth(next.getUTCMonth() + step, 1)
    const last = new Date(Date.UTC(next.getUTCFullYear(), next.getUTCMonth() + 1, 0)).getUTCDate()
    next.setUTCDate(Math.min(day.getUTCDate(), last))
  }
  return next
}

function enterDay(field, tell) {
  const day = readDay(field.value)
  const possible = day && iso(day) >= field.dataset.first && iso(day) <= field.dataset.last
  const note = field.parentNode.querySelector("small")
  field.waiting = !possible
  note.textContent = possible ? "" : field.dataset.note
  if (!possible) return
  field.value = written(day)
  if (field.value === field.defaultValue || field.value === field.told) return
  field.told = field.value
  tell(field, iso(day))
  // What the server refuses does not stay in the field.
  setTimeout(() => {
    field.told = null
    if (!field.waiting && !field.matches(":focus")) field.value = field.defaultValue
  }, 2000)
}

function listenForDays(root, tell) {
  const at = (event) => event.target.closest("input[data-first]")
  root.addEventListener("keydown", (event) => {
    const field = at(event)
    if (!field) return
    if (event.key === "Enter") enterDay(field, tell)
    if (event.key === "Escape") {
      field.value = field.defaultValue
      enterDay(field, tell)
    }
    const day = readDay(field.value)
    if (day && /^(Arrow|Page)(Up|Down)$/.test(event.key)) {
      event.preventDefault()
      field.value = written(moved(day, event.key))
    }
  })
  root.addEventListener("focusout", (event) => at(event) && enterDay(at(event), tell))
  root.addEventListener("click", (event) => {
    const picker = event.target.closest(".calendar")?.nextElementSibling
    if (!picker) return
    const day = readDay(picker.parentNode.firstElementChild.value)
    if (day) picker.value = iso(day)
    picker.showPicker()
  })
  root.addEventListener("change", (event) => {
    if (event.target.type !== "date" || !event.target.value) return
    const field = event.target.parentNode.firstElementChild
    field.value = written(new Date(event.target.value))
    enterDay(field, tell)
  })
}
