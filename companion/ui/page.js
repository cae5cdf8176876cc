/* Two things no server may be asked for: leaving at once, and telling a screen reader of a finished
   reply. Both live on the body, outside what Streamlit redraws, so they work while a reply arrives. */
(() => {
  if (document.getElementById("leave-quickly")) return;

  const leave = () => {
    document.title = "";
    document.body.hidden = true;
    // Emptied too: a browser that keeps the page for its Back button keeps an empty one.
    document.body.replaceChildren();
    window.location.replace("about:blank");
  };

  const button = document.createElement("button");
  button.id = "leave-quickly";
  button.type = "button";
  button.textContent = "Leave quickly";
  button.title = "Replaces this page with an empty one. Esc pressed twice does the same.";
  button.addEventListener("click", leave);
  document.body.prepend(button);

  let escaped = -Infinity;
  window.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.repeat) return;
    if (event.timeStamp - escaped < 1500) leave();
    escaped = event.timeStamp;
  }, true);

  const aloud = document.createElement("div");
  aloud.id = "read-aloud";
  aloud.className = "unseen";
  aloud.setAttribute("role", "status");
  document.body.append(aloud);

  // In an emergency the numbers must be in view, not the end of the text. Streamlit scrolls to the
  // end whenever something is added, so this lasts until nothing is, or the person does something.
  let touched = 0, shown = "", since = 0, until = 0, waiting = false;
  for (const kind of ["wheel", "touchmove", "pointerdown", "keydown"]) {
    window.addEventListener(kind, () => { touched = performance.now(); }, { passive: true });
  }
  const keepInView = () => {
    waiting = false;
    const people = document.querySelector("[data-in-view]");
    if (!people || performance.now() > until || touched > since) return;
    const top = people.getBoundingClientRect().top;
    if (top < 40 || top > 160) people.scrollIntoView();
    waiting = true;
    setTimeout(keepInView, 200);
  };

  const seen = new Set();
  const look = () => {
    for (const reply of document.querySelectorAll("[data-finished]")) {
      if (seen.has(reply.dataset.finished)) continue;
      seen.add(reply.dataset.finished);
      aloud.textContent = reply.innerText;
    }
    const people = document.querySelector("[data-in-view]");
    if (!people) return;
    if (people.dataset.inView !== shown) {
      shown = people.dataset.inView;
      since = performance.now();
    }
    until = performance.now() + 4000;
    if (!waiting) keepInView();
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  look();
})();
