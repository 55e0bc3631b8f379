"use strict";
// Draws the charts in the colors of the page, sorts tables and saves them as CSV. Makes no network requests.
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  // Replaces plotly's buttons, one of which sends the figures to a server.
  const config = { displaylogo: false, responsive: true, modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]] };
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

  const themed = (figure) => {
    const narrow = document.documentElement.clientWidth < 600;
    const [text, muted, border, panel, accent] = ["text", "muted", "border", "panel", "accent"].map(color);
    const axis = (given) => ({
      gridcolor: border, zerolinecolor: border, linecolor: border, ...given, fixedrange: narrow,
      ...(narrow && given.type === "date" ? { nticks: 4, tickangle: 0 } : {}),
    });
    const layout = { ...figure.layout, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)" };
    layout.font = { color: text, family: getComputedStyle(document.body).fontFamily, size: narrow ? 11 : 13 };
    layout.hoverlabel = { bgcolor: panel, bordercolor: muted, font: { color: text } };
    layout.modebar = { bgcolor: "rgba(0,0,0,0)", color: muted, activecolor: text };
    layout.xaxis = axis(layout.xaxis);
    layout.yaxis = axis(layout.yaxis);
    layout.shapes = (layout.shapes || []).map((shape) => ({ ...shape, line: { ...shape.line, color: text } }));
    const data = figure.data.map((trace) =>
      trace.type === "heatmap" ? { ...trace, colorscale: [[0, color("background")], [1, accent]] } : trace);
    return [data, layout];
  };

  const draw = () => {
    for (const [key, figure] of Object.entries(charts)) Plotly.react("plot-" + key, ...themed(figure), config);
  };
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  document.documentElement.dataset.drawn = Object.keys(charts).length;

  const value = (cell) => cell.dataset.value ?? cell.textContent;

  const sort = (head) => {
    const table = head.closest("table"), body = table.tBodies[0], column = head.cellIndex;
    const wasAscending = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", wasAscending ? "descending" : "ascending");
    const numbers = head.classList.contains("number"), times = head.classList.contains("time");
    const order = (a, b) => {
      const [one, other] = [value(a.cells[column]), value(b.cells[column])];
      if (one === "" || other === "") return (one === "") - (other === "");  // empty cells stay at the end
      const less = numbers ? Number(one) - Number(other) : times ? Date.parse(one) - Date.parse(other) : one.localeCompare(other);
      return wasAscending ? -less : less;
    };
    body.append(...[...body.rows].sort(order));
  };

  // A spreadsheet evaluates text that begins like a formula; such text gets a leading ', as in facecam's logs.
  const quoted = (cell, number) => {
    const text = value(cell);
    return '"' + (!number && /^[=+\-@\t\r\n'"＝＋－＠]/.test(text) ? "'" : "") + text.replaceAll('"', '""') + '"';
  };
  const csv = (table) => [...table.rows].map((row) =>
    [...row.cells].map((cell) => quoted(cell, cell.tagName === "TD" && cell.classList.contains("number"))).join(",")).join("\r\n");

  const download = (table) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff" + csv(table) + "\r\n"], { type: "text/csv" }));
    link.download = "facecam-" + table.id.replace("table-", "") + ".csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.closest("th")) sort(button.closest("th"));
    else if (button?.classList.contains("csv")) download(document.getElementById(button.dataset.table));
  });
})();
