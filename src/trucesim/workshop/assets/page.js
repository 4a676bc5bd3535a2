// What belongs to the page as a whole: the answer in a line while the answer itself is out of sight.

document.addEventListener("DOMContentLoaded", () => {
  const brief = document.getElementById("brief")
  new IntersectionObserver(([seen]) => {
    brief.hidden = seen.isIntersecting || !brief.textContent
  }, {rootMargin: "-60px 0px 0px"}).observe(document.getElementById("answer"))
})
