// Shows HTML that the server wrote, and tells the server what people do with it.
// An element with data-do reports: a button its click, a field its change (with data-live while it
// is being moved). data-key says which of several it is.

const TIMERS = new WeakMap()

function sync(old, next) {
  // Turn the old tree into the next one, so that what has the focus keeps it.
  const wanted = [...next.childNodes]
  wanted.forEach((node, i) => {
    let there = old.childNodes[i]
    // What is known by its key may have moved; what is in its place already has not.
    const key = node.dataset?.key
    if (key && there && there.dataset?.key !== key) {
      const moved = [...old.childNodes].slice(i + 1).find(
        (each) => each.nodeName === node.nodeName && each.dataset.key === key
      )
      if (moved) there = old.insertBefore(moved, there)
    }
    if (!there) {
      old.appendChild(node)
    } else if (there.nodeType !== node.nodeType || there.nodeName !== node.nodeName ||
               (there.dataset && there.dataset.key !== node.dataset.key)) {
      old.replaceChild(node, there)
    } else if (node.nodeType === Node.TEXT_NODE) {
      if (there.data !== node.data) there.data = node.data
    } else {
      const before = there.getAttribute("value")
      const kept = there.querySelector?.(":scope > input[data-first]")
      // A day that is not yet whole waits.
      if (kept?.waiting && kept.defaultValue === node.firstElementChild?.defaultValue) return
      const active = there.getRootNode().activeElement === there
      for (const {name} of [...there.attributes]) {
        if (!node.hasAttribute(name) && !(name === "open" && there.nodeName === "DETAILS") &&
            !(name === "style" && there.popover)) {
          there.removeAttribute(name)
        }
      }
      for (const {name, value} of node.attributes) {
        if (there.getAttribute(name) !== value) there.setAttribute(name, value)
      }
      sync(there, node)
      // What somebody is typing stays, unless the server has another value for this very field.
      const typing = active && (there.type === "range" || node.getAttribute("value") === before)
      if (there.nodeName === "INPUT" && !typing) {
        if (there.type === "checkbox" || there.type === "radio") there.checked = node.checked
        else if (there.type !== "file" && there.type !== "date") there.value = node.value
      } else if (there.nodeName === "SELECT") {
        there.value = node.value
      }
    }
  })
  while (old.childNodes.length > wanted.length) old.lastChild.remove()
}

function found(root, selector) {
  // Parts of the page stand in shadow trees.
  const here = root.querySelector(selector)
  if (here) return here
  for (const {shadowRoot} of root.querySelectorAll("*")) {
    const within = shadowRoot && found(shadowRoot, selector)
    if (within) return within
  }
  return null
}

function reach(selector, tries = 50) {
  // Bring a control into view that the server is about to show, and give it the focus.
  const control = found(document, selector)
  if (!control) {
    if (tries) setTimeout(reach, 100, selector, tries - 1)
    return
  }
  const folded = control.closest("details")
  if (folded) folded.open = true
  control.scrollIntoView({block: "center"})
  control.focus({preventScroll: true})
}

function keep(text) {
  // Until the tab is closed; true where the browser could.
  try {
    sessionStorage.removeItem("trucesim.kept")
    sessionStorage.setItem("trucesim.kept", text)
    return text !== ""
  } catch {
    return false
  }
}

function taken() {
  // What was kept before the page came back after a lost connection; only then.
  try {
    const back = sessionStorage.getItem("trucesim.back")
    sessionStorage.removeItem("trucesim.back")
    return back && sessionStorage.getItem("trucesim.kept")
  } catch {
    return null
  }
}

function save({name, type, content}) {
  const bytes = Uint8Array.from(atob(content), c => c.charCodeAt(0))
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([bytes], {type}))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10000)
}

export function render({model, el}) {
  const root = document.createElement("div")
  root.className = "part"
  if (model.live) root.setAttribute("role", "status")
  el.appendChild(root)
  let waiting = null
  let back = null

  const tell = (node, value, extra = {}) =>
    model.send_msg({do: node.dataset.do, key: node.dataset.key ?? "", value, ...extra})

  const draw = () => {
    const next = document.createElement("div")
    next.innerHTML = model.html
    const shadow = root.getRootNode()
    const at = shadow.activeElement
    sync(root, next)
    if (at && shadow.activeElement !== at) {
      const {do: act, key} = at.dataset
      const same = [...root.querySelectorAll("[data-do]")].find(
        (each) => each.dataset.do === act && each.dataset.key === key
      )
      same?.focus()
    }
    if (root.getRootNode().host?.closest("#answer")) {
      const brief = document.getElementById("brief")
      const said = root.querySelector(".sentence")
      // Of another country never without what its runs rest on.
      brief.textContent = [said?.textContent, said?.dataset.label].filter(Boolean).join(" ")
    }
    const kept = root.querySelector("[data-kept]")
    if (kept && !back) {
      document.documentElement.dataset.keeps = keep(kept.dataset.kept) ? "yes" : "no"
    }
    const page = root.querySelector("[data-page]")
    if (page) {
      document.documentElement.lang = page.lang
      document.title = page.title
      const {state, lost, unkept} = page.dataset
      Object.assign(document.documentElement.dataset, {state, lost, unkept})
      if (page.dataset.page !== location.search) {
        history.replaceState(null, "", location.pathname + page.dataset.page)
      }
    }
  }

  const play = (button) => {
    const slider = root.querySelector("input[type=range]")
    if (TIMERS.has(root)) {
      clearInterval(TIMERS.get(root))
      TIMERS.delete(root)
    } else {
      TIMERS.set(root, setInterval(() => {
        if (!root.isConnected) return clearInterval(TIMERS.get(root))
        slider.value = Number(slider.value) >= Number(slider.max) ? slider.min
          : Number(slider.value) + 1
        tell(slider, slider.value)
      }, 350))
    }
    tell(button, TIMERS.has(root) ? "on" : "off")
  }

  root.addEventListener("click", (event) => {
    const node = event.target.closest("button[data-do]")
    if (!node) return
    if (node.dataset.play !== undefined) return play(node)
    if (node.dataset.copy !== undefined) navigator.clipboard?.writeText(location.href)
    tell(node, node.value)
    const {reach: act, key} = node.dataset
    if (act) reach(`[data-do="${act}"][data-key="${key}"]`)
  })
  root.addEventListener("change", async (event) => {
    const node = event.target.closest("[data-do]")
    if (!node || node.nodeName === "BUTTON" || node.dataset.first) return
    if (node.type === "file") {
      const file = node.files[0]
      if (!file) return
      const most = Number(node.dataset.most)
      if (file.size > most) return tell(node, "", {name: file.name, size: file.size})
      const bytes = new Uint8Array(await file.arrayBuffer())
      tell(node, btoa(String.fromCharCode(...bytes)), {name: file.name, size: file.size})
      node.value = ""
      return
    }
    tell(node, node.type === "checkbox" ? (node.checked ? "on" : "") : node.value)
  })
  root.addEventListener("input", (event) => {
    const node = event.target.closest("[data-live]")
    if (!node) return
    clearTimeout(waiting)
    waiting = setTimeout(() => tell(node, node.value), 40)
  })
  listenForDays(root, tell)
  listenForTips(root)
  model.on("html", draw)
  model.on("msg:custom", (event) => {
    const message = event.data ?? event
    if (message.content !== undefined) save(message)
  })
  if (model.html.includes("data-kept")) back = taken()
  draw()
  if (back) {
    model.send_msg({do: "back", key: "", value: back})
    back = null
  }
}
