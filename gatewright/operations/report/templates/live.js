// Shows the local Cloudflare's requests as they come, and says when the files have changed.
"use strict";
const panel = document.getElementById("live");
const KEPT = 50;
let after = 0, count = 0, state = null;

function row(entry) {
  const line = document.createElement("tr");
  const model = [entry.provider, entry.model].filter(Boolean).join("/") || "–";
  const note = [entry.cache && `cache ${entry.cache}`, entry.fault && `fault ${entry.fault}`].filter(Boolean).join(", ");
  const cells = [entry.at.slice(11, 19), entry.gateway, model, note || "–", String(entry.status), `${Math.round(entry.ms)} ms`];
  for (const [index, text] of cells.entries()) {
    const cell = document.createElement("td");
    cell.textContent = text;
    if (index === 4) cell.className = entry.status < 400 ? "good" : "bad";
    if (index === 5) cell.className = "number";
    line.append(cell);
  }
  return line;
}

async function poll() {
  const status = panel.querySelector("[role=status]");
  try {
    const answer = await (await fetch(`requests?after=${after}`)).json();
    const shown = answer.requests.filter((entry) => !panel.dataset.gateway || entry.gateway === panel.dataset.gateway);
    const rows = panel.querySelector("tbody");
    for (const entry of shown) rows.prepend(row(entry));
    while (rows.children.length > KEPT) rows.lastElementChild.remove();
    after = answer.newest ?? after;
    count += shown.length;
    panel.querySelector(".scroll").hidden = count === 0;
    panel.querySelector(".empty").hidden = count > 0;
    if (shown.length || state === null) status.textContent = count === 1 ? "1 request" : `${count} requests`;
    if (state !== null && answer.state !== state) document.getElementById("changed").hidden = false;
    state ??= answer.state;
  } catch {
    status.textContent = "gatewright open does not answer any more";
  }
  setTimeout(poll, document.hidden ? 5000 : 1000);
}
if (panel) poll();
