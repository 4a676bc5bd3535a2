// A tip opens beside its control, within the window, and closes when the page moves.

function placeTip(tip) {
  const button = tip.previousElementSibling
  const at = (button.closest("fieldset, td, th") ?? button).getBoundingClientRect()
  const {width, height} = tip.getBoundingClientRect()
  const beside = at.right + 8 + width <= innerWidth
  const above = at.top - 8 - height
  const left = beside ? at.right + 8 : Math.min(at.left, innerWidth - 8 - width)
  const below = Math.min(at.bottom + 8, innerHeight - 8 - height)
  const top = beside ? Math.min(at.top, innerHeight - 8 - height) : above >= 8 ? above : below
  tip.style.left = `${Math.max(8, left)}px`
  tip.style.top = `${Math.max(8, top)}px`
  tip.style.visibility = "visible"
}

function listenForTips(root) {
  // It is told that it opens only once it is there: until it has its place it stays unseen.
  root.addEventListener("beforetoggle", ({target}) => {
    if (target.popover) target.style.visibility = ""
  }, true)
  root.addEventListener("toggle", (event) => {
    const tip = event.target
    if (!tip.popover || event.newState !== "open") return
    placeTip(tip)
    const close = ({target}) => {
      if (tip.contains(target)) return
      removeEventListener("scroll", close, true)
      if (tip.isConnected) tip.hidePopover()
    }
    addEventListener("scroll", close, true)
  }, true)
}
