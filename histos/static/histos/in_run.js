// The page of an element in a run: when another lumisection is shown, the line on the plot over the run moves to it, and so do
// the addresses of the choices above it.
document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  if (elt.id !== "histogram") return;
  const ls = elt.dataset.ls, plot = document.getElementById("in-run"), shapes = plot?.figure?.layout.shapes ?? [];
  const line = shapes.find((shape) => shape.name === "chosen");
  if (plot?.figure) {
    if (line) line.x0 = line.x1 = Number(ls);
    Plotly.relayout(plot, { shapes: plot.layout.shapes.map((shape) => shape.name === "chosen" ? { ...shape, x0: Number(ls), x1: Number(ls) } : shape) });
  }
  for (const link of document.querySelectorAll("#controls a")) {
    const url = new URL(link.href);
    url.searchParams.set("ls", ls);
    link.href = url;
  }
  for (const field of document.querySelectorAll("#controls [name=ls]")) field.value = ls;
});
