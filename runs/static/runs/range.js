// The range of lumisections of a run: what is dragged over in the plot fills the form, and what is typed there moves the plot.
(() => {
  const form = () => document.querySelector("#range-form");
  const plot = () => document.querySelector("#run-plot[data-drawn=yes]");

  function choose(first, last) {
    const { elements } = form();
    if (elements.first.value === first && elements.last.value === last) return;
    elements.first.value = first;
    elements.last.value = last;
    htmx.trigger(form(), "chosen");
  }

  document.addEventListener("plot:range", ({ target, detail: { range } }) => {
    if (target.id !== "run-plot" || !form()) return;
    const whole = (value) => String(Math.max(1, value));
    range ? choose(whole(Math.ceil(Math.min(...range))), whole(Math.floor(Math.max(...range)))) : choose("", "");
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-clear-range]")) return;
    choose("", "");
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt.id !== "range" || !plot() || form().querySelector("[aria-invalid]")) return;
    const { first, last } = form().elements, axis = plot().layout.xaxis;
    const ends = [first, last].map((field) => field.value.trim());
    if (!ends[0] && !ends[1]) { if (!axis.autorange) Plotly.relayout(plot(), { "xaxis.autorange": true }); return; }
    const shown = [Math.ceil(axis.range[0]), Math.floor(axis.range[1])];
    const wanted = ends.map((value, at) => value ? Number(value) : shown[at]);
    if (wanted[0] !== shown[0] || wanted[1] !== shown[1]) Plotly.relayout(plot(), { "xaxis.range": [wanted[0] - 0.5, wanted[1] + 0.5] });
  });
})();
