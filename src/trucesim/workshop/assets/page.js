// What belongs to the page as a whole: the answer in a line while the answer itself is out of sight,
// and a band where the connection is lost, until the server is back and the page begins anew.

const ASKED_EVERY = 2000

async function comeBack() {
  try {
    await fetch("favicon.ico", {method: "HEAD", cache: "no-store"})
    // The address holds the cases, or what is kept does: assets/markup.js.
    try { sessionStorage.setItem("trucesim.back", "1") } catch { /* it says so already */ }
    location.reload()
  } catch {
    setTimeout(comeBack, ASKED_EVERY)
  }
}

function lose() {
  if (document.getElementById("lost")) return
  const band = document.createElement("p")
  band.id = "lost"
  band.setAttribute("role", "alert")
  const {lost, unkept, keeps} = document.documentElement.dataset
  band.textContent = keeps === "yes" ? lost : `${lost} ${unkept}`
  document.body.prepend(band)
  for (const id of ["top", "page"]) document.getElementById(id).inert = true
  setTimeout(comeBack, ASKED_EVERY)
}

function listenForLoss() {
  const [page] = window.Bokeh?.documents ?? []
  if (page) page.on_event("connection_lost", lose)
  else setTimeout(listenForLoss, 100)
}

document.addEventListener("DOMContentLoaded", () => {
  const brief = document.getElementById("brief")
  new IntersectionObserver(([seen]) => {
    brief.hidden = seen.isIntersecting || !brief.textContent
  }, {rootMargin: "-60px 0px 0px"}).observe(document.getElementById("answer"))
  listenForLoss()
})
