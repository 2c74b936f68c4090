// Keys, the theme switch and the announcing of what changed. Every key is named in the page: data-key on a link, button or
// field, data-go on a place, data-row on what j and k walk through, data-row-key on what a key does in the row one is at.
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const NAMES = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };
  let going = 0;

  const typing = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;
  const press = (element) => {
    if (element.matches("input, textarea, select")) { element.focus(); element.select?.(); } else element.click();
  };

  function walk(step) {
    const rows = $$("[data-row]").filter((row) => row.offsetParent !== null);
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.classList.contains("at"));
    const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
    rows[at]?.classList.remove("at");
    next.classList.add("at");
    next.scrollIntoView({ block: "nearest" });
    $("a, button", next)?.focus({ preventScroll: true });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (typing(event.target)) { if (event.key === "Escape") event.target.blur(); return; }
    if ($("dialog[open]")) return;
    const inPlot = event.target.closest(".dropdown-menu");
    if (inPlot) return;
    if (Date.now() - going < 1500) {
      going = 0;
      const place = $(`[data-go="${CSS.escape(event.key)}"]`);
      if (place) { event.preventDefault(); place.click(); return; }
    }
    if (event.key === "g") { going = Date.now(); return; }
    const named = $(`[data-row].at [data-row-key="${CSS.escape(event.key)}"]`) ?? $$(`[data-key="${CSS.escape(event.key)}"]`).find((element) => !element.disabled);
    if (named) { event.preventDefault(); press(named); return; }
    if (event.key === "j" || event.key === "k") { event.preventDefault(); walk(event.key === "j" ? 1 : -1); }
  });

  function showKeys() {
    const list = $("#keys dl"), seen = new Set();
    const keyOf = ({ dataset: { key, rowKey } }) => NAMES[key] ?? key ?? rowKey;
    const rows = $$("[data-key][data-key-label], [data-row-key][data-key-label]").map((element) => [keyOf(element), element.dataset.keyLabel]);
    if ($("[data-row]")) rows.push(["j k", "next and previous line"]);
    rows.push(...$$("[data-go]").map((element) => [`g ${element.dataset.go}`, `go to ${element.textContent.trim()}`]));
    list.replaceChildren(...rows.filter(([key]) => !seen.has(key) && seen.add(key)).flatMap(([key, label]) => {
      const term = document.createElement("dt"), what = document.createElement("dd"), sign = document.createElement("kbd");
      sign.textContent = key; term.append(sign); what.textContent = label;
      return [term, what];
    }));
    $("#keys").showModal();
  }

  const nameTheme = () => { $("#theme-name").textContent = lumisift.theme(); };
  $("#theme").addEventListener("click", () => { lumisift.nextTheme(); nameTheme(); });
  $("#keys-button").addEventListener("click", showKeys);
  nameTheme();

  // Copy what a button names: <button data-copy="#snippet">.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard?.writeText($(button.dataset.copy).textContent);
    button.textContent = "Copied";
  });

  // Fields of a filter that were left empty stay out of the address.
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (!detail.elt.closest(".filters")) return;
    for (const [name, value] of [...detail.formData.entries()]) if (value === "") detail.formData.delete(name);
  });

  // A failed request is said where messages are read out, never swallowed.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const status = event.detail.xhr.status;
    if (status === 400 || status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  document.addEventListener("htmx:responseError", (event) => say(`The site answered ${event.detail.xhr.status}: reload the page, or try again later.`));
  document.addEventListener("htmx:sendError", () => say("The site does not answer. Check the connection and try again."));
  function say(text) {
    const line = document.createElement("div");
    line.className = "alert alert-danger"; line.setAttribute("role", "alert"); line.textContent = text;
    $("#messages").replaceChildren(line);
  }
})();
