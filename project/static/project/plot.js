// Big plots: figures that the server made, drawn by Plotly, which is fetched only where a page has one. Colours come as names of
// the page's CSS variables ("--good"), so that a plot follows the theme.
(() => {
  let plotly;
  const library = () => plotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    // Where an element of this name exists, the library adds no styles for maps, which our policy would refuse it.
    script.id = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";
    script.src = document.body.dataset.plotly;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error("the plotting library could not be fetched"));
    document.head.append(script);
  });
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function coloured(value) {
    if (typeof value === "string") return value.startsWith("--") ? css(value) : value;
    if (Array.isArray(value)) return value.map(coloured);
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, coloured(one)]));
    return value;
  }

  // The room that labels, legend and colour bar take, as far as one can tell before: where some is lacking, the library finds
  // out once all is drawn, and draws all of it again.
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = "12px system-ui, sans-serif";
  function room({ data, layout = {} }, narrow) {
    const rows = Object.entries(layout).filter(([name, axis]) => name.startsWith("yaxis") && axis.side !== "right");
    const widest = Math.max(0, ...rows.flatMap(([, axis]) => axis.ticktext ?? []).map((text) => pen.measureText(text).width));
    const bar = data.some(({ type, showscale }) => type === "heatmap" && showscale !== false);
    return { l: Math.max(66, Math.ceil(widest) + 22), r: bar ? narrow ? 96 : 124 : 24, t: layout.showlegend ? 54 : 20, b: 54 };
  }

  function dressed(layout, margin) {
    const ink = css("--ink"), quiet = css("--quiet"), line = css("--line");
    const axis = { gridcolor: line, linecolor: quiet, zerolinecolor: line, tickcolor: quiet, automargin: true, title: { standoff: 8 } };
    const all = { ...layout };
    for (const name of new Set(["xaxis", "yaxis", ...Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key))])) {
      const title = typeof layout[name]?.title === "string" ? { text: layout[name].title } : layout[name]?.title;
      all[name] = { ...axis, ...layout[name], title: { ...axis.title, ...title } };
    }
    return {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { color: ink, family: "system-ui, sans-serif", size: 12 },
      margin, hovermode: "closest", dragmode: "zoom", showlegend: false,
      legend: { orientation: "h", y: 1.02, yanchor: "bottom" }, ...all,
    };
  }

  async function figureOf(element) {
    const source = element.dataset.figure;
    if (source.startsWith("#")) return JSON.parse(document.querySelector(source).textContent);
    // The page asks for it ahead of this script: with other headers it would be another request.
    const answer = await fetch(source);
    if (!answer.ok) throw new Error(`the data could not be fetched (${answer.status})`);
    return answer.json();
  }

  async function draw(element) {
    try {
      const [Plotly, figure] = await Promise.all([library(), element.figure ?? figureOf(element)]);
      element.figure = figure;
      const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["lasso2d", "toImage", "autoScale2d"], ...figure.config };
      await Plotly.react(element, coloured(figure.data), coloured(dressed(figure.layout ?? {}, room(figure, element.clientWidth < 600))), config);
      if (!element.dataset.drawn) listen(element);
      element.dataset.drawn = "yes";
    } catch (error) {
      element.textContent = `The plot could not be drawn: ${error.message}.`;
      element.dataset.drawn = "failed";
    }
  }

  function listen(element) {
    element.on("plotly_click", ({ points: [point] }) => follow(element, point));
    element.on("plotly_relayout", (change) => brush(element, change));
    element.on("plotly_selected", (chosen) => chosen?.range?.x && report(element, chosen.range.x));
  }

  function follow(element, point) {
    // A figure may say itself where a click leads: only who made it knows the size of its cells.
    const click = element.figure.click ?? element.dataset.click;
    if (!click) return;
    const values = { x: point.x, y: point.y, z: point.z, custom: point.customdata };
    const url = click.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name] ?? ""));
    const target = element.dataset.target;
    if (!target) { location.href = url; return; }
    htmx.ajax("GET", url, { target, select: target, swap: "outerHTML" }).then(() => history.replaceState(null, "", url));
  }

  const brush = (element, change) => {
    if (change["xaxis.range[0]"] !== undefined) report(element, [change["xaxis.range[0]"], change["xaxis.range[1]"]]);
    if (change["xaxis.autorange"]) report(element, null);
  };
  // Who listens for the range (a form with first and last) hears it as an event.
  const report = (element, range) => element.dispatchEvent(new CustomEvent("plot:range", { bubbles: true, detail: { range } }));

  // What is in view first; the rest once that is there and has been shown.
  const drawAll = async (root) => {
    const found = [...(root.matches?.(".plot-big[data-figure]") ? [root] : []), ...(root.querySelectorAll?.(".plot-big[data-figure]") ?? [])];
    const waiting = found.filter((element) => !element.asked);
    for (const element of waiting) element.asked = true;
    const inView = (element) => element.getBoundingClientRect().top < innerHeight;
    const later = waiting.filter((element) => !inView(element));
    await Promise.all(waiting.filter(inView).map(draw));
    if (later.length < waiting.length) await new Promise((shown) => setTimeout(shown));
    for (const element of later) if (element.isConnected) draw(element);
  };
  // Another figure for a plot: new Event with the figure as its detail.
  document.addEventListener("plot:figure", (event) => { event.target.figure = event.detail; draw(event.target); });
  document.addEventListener("theme", () => document.querySelectorAll(".plot-big[data-drawn=yes]").forEach(draw));
  document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
  document.addEventListener("htmx:beforeCleanupElement", (event) => event.target.matches?.(".plot-big[data-drawn=yes]") && window.Plotly?.purge(event.target));
  drawAll(document);
})();
