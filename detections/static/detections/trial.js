// The threshold slider: its place among the highest scores is the number flagged, its score the line in the plot.
(() => {
  const cut = document.getElementById("cut"), data = document.getElementById("top-scores");
  if (!cut || !data) return;
  const scores = JSON.parse(data.textContent), value = document.getElementById("threshold-value"), plot = document.getElementById("scores");
  const keep = document.querySelector("#keep [name=threshold]");
  const show = (threshold, flagged) => {
    document.getElementById("flags").textContent = `from ${Number(threshold).toLocaleString("en", { maximumSignificantDigits: 4 })} on: ${flagged.toLocaleString("en")} flagged`;
    if (keep) keep.value = threshold;
    if (plot.dataset.drawn === "yes") Plotly.relayout(plot, { "shapes[0].x0": threshold, "shapes[0].x1": threshold });
  };
  // The fewest digits that part the last flagged score from the next one.
  const parting = (at) => {
    for (let digits = 3; digits < 17; digits++) {
      const short = Number(scores[at].toPrecision(digits));
      if (short <= scores[at] && !(short <= scores[at + 1])) return short;
    }
    return scores[at];
  };
  cut.addEventListener("input", () => { value.value = parting(cut.value - 1); show(value.value, Number(cut.value)); });
  value.addEventListener("input", () => {
    const threshold = Number(value.value);
    if (!Number.isFinite(threshold) || value.value.trim() === "") return;
    const flagged = scores.filter((score) => score >= threshold).length;
    cut.value = Math.max(flagged, 1);
    show(threshold, flagged);
  });
})();
