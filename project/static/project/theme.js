// Before the first paint: the theme that was chosen, or the system's.
(() => {
  const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const apply = () => {
    const name = chosen();
    root.dataset.bsTheme = name === "light" || name === "dark" ? name : dark.matches ? "dark" : "light";
    document.dispatchEvent(new Event("theme"));
  };
  window.lumisift = {
    theme: () => chosen() ?? "system",
    nextTheme() {
      const next = { system: "light", light: "dark", dark: null }[chosen() ?? "system"];
      try { next ? localStorage.setItem("theme", next) : localStorage.removeItem("theme"); } catch { /* private window */ }
      apply();
    },
  };
  dark.addEventListener("change", apply);
  apply();
})();
