/* What no server may be asked for: leaving at once, telling a screen reader of a finished reply, and
   opening what a line points to. It lives on the body, outside what Streamlit redraws, so it works
   while a reply arrives. */
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

  // In an emergency the numbers must be in view, not the end of the text; else the question whether
  // words may leave. Streamlit scrolls to the end whenever something is added, so this lasts until
  // nothing is, or the person does something.
  const toKeep = () => document.querySelector(".people[data-in-view]")
    || document.querySelector("[data-in-view]");
  let touched = 0, shown = "", since = 0, until = 0, waiting = false;
  for (const kind of ["wheel", "touchmove", "pointerdown", "keydown"]) {
    window.addEventListener(kind, (event) => {
      // Folding the menu away is not yet reading what it covered.
      if (!event.target.closest?.("[data-testid=stSidebar]")) touched = performance.now();
    }, { passive: true });
  }
  const keepInView = () => {
    waiting = false;
    const people = toKeep();
    if (!people || performance.now() > until || touched > since) return;
    const top = people.getBoundingClientRect().top;
    if (top < 40 || top > 160) people.scrollIntoView();
    waiting = true;
    setTimeout(keepInView, 200);
  };

  document.addEventListener("click", (event) => {
    const opens = event.target.closest?.("[data-opens]")?.dataset.opens;
    const fold = opens && document.querySelector(`.st-key-${CSS.escape(opens)} details`);
    if (!fold) return;
    const heading = fold.querySelector("summary");
    if (!fold.open) heading.click();
    heading.focus();
    heading.scrollIntoView({ block: "center" });
  });

  const seen = new Set();
  const look = () => {
    const fresh = [];
    for (const said of document.querySelectorAll("[data-finished], [data-aloud]")) {
      const id = said.dataset.finished || said.dataset.aloud;
      if (seen.has(id)) continue;
      seen.add(id);
      fresh.push(said.innerText);
    }
    if (fresh.length) aloud.textContent = fresh.join("\n");
    const people = toKeep();
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
