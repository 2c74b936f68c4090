// Zooming into light curves: the range goes into the address, and a plot that shows only the extremes of its spans is
// given all points of the range; the other plots of the page follow.
(() => {
  const plots = () => [...document.querySelectorAll(".plot-big[data-zoom]")];
  let last = 0;

  function ranged(address, range) {
    const url = new URL(address, location.href);
    for (const [name, at] of [["from", 0], ["to", 1]]) range ? url.searchParams.set(name, range[at].toFixed(6)) : url.searchParams.delete(name);
    return url.pathname + url.search;
  }

  async function show(plot, range, turn) {
    const address = ranged(plot.dataset.figure, range);
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok || turn !== last) return;
    plot.dataset.figure = address;
    plot.dispatchEvent(new CustomEvent("plot:figure", { bubbles: true, detail: await answer.json() }));
  }

  document.addEventListener("plot:range", ({ target, detail: { range } }) => {
    if (!target.matches(".plot-big[data-zoom]")) return;
    last += 1;
    history.replaceState(null, "", ranged(location.href, range));
    const missing = target.figure?.decimated || /[?&]from=/.test(target.dataset.figure);
    for (const plot of plots()) if (plot !== target || missing) show(plot, range, last);
  });
})();
