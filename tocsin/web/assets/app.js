/* What the pages do beyond HTML. Each works without it: this adds ticking clocks, live changes, keys, charts. */
"use strict";
(() => {
  const root = document.documentElement;
  const find = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const KEPT_OUTPUT = 200000;
  const STOPS = "article.step, .ask-box[tabindex]"; // where the keys j and k lead to

  // --- clocks: counted from the server's time, whatever this machine believes ---------------------------------------

  let skew = 0;
  const now = () => Date.now() + skew;

  function setSkew() {
    skew = Number(find("#app").dataset.now) - Date.now();
  }

  function countdown(milliseconds) {
    const seconds = Math.floor(Math.abs(milliseconds) / 1000);
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
    return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  }

  function tick() {
    for (const clock of all("[data-until]")) {
      const left = Number(clock.dataset.until) - now();
      clock.textContent = left > 0 ? countdown(left) : `late ${countdown(left)}`;
      if (left <= 0) clock.classList.add("bad");
    }
    for (const clock of all("[data-since]")) clock.textContent = countdown(now() - Number(clock.dataset.since));
    for (const held of all("[data-held]")) {
      const seconds = (now() - Number(held.dataset.held)) / 1000;
      if (held.matches("progress")) held.value = Math.min(seconds, held.max);
      else held.textContent = countdown(seconds * 1000);
    }
  }

  // --- light and dark -------------------------------------------------------------------------------------------------

  function toggleTheme() {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    document.cookie = `tocsin_theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=strict`;
    plots.forEach((plot) => plot.drawing.destroy());
    plots.clear();
    draw();
  }

  // --- live: the stream says that something changed, the page fetches itself and is morphed ----------------------------

  function pulse(state, words) {
    const element = find("#pulse");
    if (!element) return;
    element.className = `pulse ${state}`;
    find("[data-words]", element).textContent = words;
  }

  function followStream(live) {
    let wait = 1000;
    const again = () => {
      pulse("off", "Not live, trying again");
      setTimeout(() => htmx.trigger(live, "retry"), wait);
      wait = Math.min(wait * 2, 30000);
    };
    // hx-sse itself retries a stream that broke, but not a first connection that failed.
    live.addEventListener("htmx:error", again);
    live.addEventListener("htmx:response:error", again);
    live.addEventListener("htmx:sse:error", () => pulse("off", "Not live, trying again"));
    live.addEventListener("htmx:sse:after:connection", () => {
      wait = 1000;
      pulse("on", "Live");
    });
    live.addEventListener("output", (event) => printed(JSON.parse(event.detail.data)));
    // Only now: htmx starts by itself and may do so before its extension and these listeners are there.
    live.setAttribute("hx-sse:connect", live.dataset.stream);
    live.setAttribute("hx-trigger", "load, retry");
    htmx.process(live);
  }

  function printed(piece) {
    const output = all("pre[data-seq]").find((pre) => pre.dataset.run === piece.run);
    if (!output || piece.seq <= Number(output.dataset.seq)) return;
    const atEnd = output.scrollTop + output.clientHeight >= output.scrollHeight - 24;
    output.append(piece.text);
    if (output.textContent.length > KEPT_OUTPUT) output.textContent = output.textContent.slice(-KEPT_OUTPUT / 2);
    output.dataset.seq = piece.seq;
    if (atEnd) output.scrollTop = output.scrollHeight;
  }

  function toEnd() {
    for (const output of all("pre.output")) {
      if (output.dataset.run === output.placed) continue;
      output.placed = output.dataset.run;
      output.scrollTop = output.scrollHeight;
    }
  }

  // What somebody opened stays open, and output that is further than the fetched page is not taken back.
  if (window.htmx) {
    htmx.registerExtension("tocsin", {
      htmx_before_morph_attr: (element, { attrName }) => attrName !== "open" || !element.matches("details, dialog"),
      htmx_before_morph_node: (_, { oldNode, newNode }) => {
        // A refusal is read until the next move, whatever else happens meanwhile.
        if (oldNode.id === "message" && refreshing) return false;
        if (!(oldNode instanceof HTMLPreElement) || !oldNode.dataset.seq || !newNode.dataset.seq) return true;
        const same = oldNode.dataset.run === newNode.dataset.run;
        return !same || Number(oldNode.dataset.seq) < Number(newNode.dataset.seq);
      },
    });
  }
  let refreshing = false, sentFrom = "";
  document.addEventListener("htmx:before:request", (event) => {
    const { sourceElement } = event.detail.ctx;
    if (sourceElement instanceof HTMLFormElement) sentFrom = sourceElement.closest(STOPS)?.id || "main";
  });
  document.addEventListener("pointerdown", () => { sentFrom = ""; });
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    refreshing = ctx.sourceElement.id === "refresh";
    // Two answers may overtake each other: the page never goes back to what it was before.
    const version = Number(/ data-version="(\d+)"/.exec(ctx.text)?.[1] ?? Infinity);
    if (version < Number(find("#app").dataset.version)) {
      if (ctx.response.status < 400) event.preventDefault();
      else htmx.trigger(find("#live"), "changed");
    }
    if (!(ctx.sourceElement instanceof HTMLFormElement) || ctx.response.status >= 400) return;
    ctx.sourceElement.reset();
    const panel = ctx.sourceElement.closest("details");
    if (panel) panel.open = false;
  });
  document.addEventListener("htmx:after:swap", () => {
    // A button that is gone with its form leaves the keyboard at its step, not at the beginning of the page; the live
    // update may take it away before the answer does.
    if (sentFrom && document.activeElement === document.body) {
      (document.getElementById(sentFrom) || find("#main")).focus({ preventScroll: true });
      sentFrom = "";
    }
    setSkew();
    tick();
    draw();
    toEnd();
  });
  document.addEventListener("htmx:response:error", (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement instanceof HTMLFormElement && ctx.response.status >= 500) pulse("off", "The server has a problem");
  });

  // --- charts ---------------------------------------------------------------------------------------------------------

  const plots = new Map();

  function colour(name) {
    const probe = document.createElement("span");
    probe.className = name;
    document.body.append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  }

  function draw() {
    if (!window.uPlot) return;
    for (const figure of all("figure.signal")) {
      const place = find(".plot", figure);
      const shape = JSON.parse(find(".points", figure).dataset.points);
      const data = [shape.points.map((point) => point[0]), shape.points.map((point) => point[1])];
      const known = plots.get(place.id);
      if (known && known.place === place && known.top === shape.top) {
        known.drawing.setData(data);
      } else {
        if (known) known.drawing.destroy();
        plots.set(place.id, { place, top: shape.top, drawing: plot(place, shape, data) });
      }
      place.setAttribute("role", "img");
      place.setAttribute("aria-label", find(".still svg", figure).getAttribute("aria-label"));
    }
  }

  function plot(place, shape, data) {
    const [accent, quiet, bad, good] = ["accent", "quiet", "bad", "good"].map(colour);
    const pair = (value) => String(value).padStart(2, "0");
    const axis = { stroke: quiet, font: "10px Inter Variable, sans-serif", ticks: { show: false } };
    root.classList.add("charts");
    return new uPlot({
      width: place.parentElement.clientWidth - 24, height: 128, padding: [8, 14, 0, 0],
      legend: { show: false }, cursor: { show: false },
      scales: { y: { range: [0, shape.top] } },
      series: [{}, { stroke: accent, width: 1.5, points: { show: false }, fill: accent.replace(/\)$/, " / 0.1)") }],
      axes: [
        { ...axis, grid: { show: false }, space: 60, size: 22,
          values: (_, ticks) => ticks.map((second) => {
            const at = new Date(second * 1000);
            return `${pair(at.getUTCHours())}:${pair(at.getUTCMinutes())}`;
          }) },
        { ...axis, size: 38, grid: { stroke: quiet.replace(/\)$/, " / 0.15)"), width: 1 }, splits: () => [0, shape.top / 2, shape.top],
          values: (_, ticks) => ticks.map((value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(2))) },
      ],
      hooks: { draw: [(drawing) => {
        if (shape.goal !== null) mark(drawing, shape.goal, `goal ${shape.goal} ${shape.unit}`, good);
        if (shape.threshold !== null) mark(drawing, shape.threshold, `alert ${shape.threshold} ${shape.unit}`, bad);
      }] },
    }, data, place);
  }

  function mark(drawing, value, words, stroke) {
    const { ctx, bbox } = drawing;
    const y = Math.round(drawing.valToPos(value, "y", true));
    const ratio = window.devicePixelRatio || 1;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = stroke;
    ctx.lineWidth = ratio;
    ctx.setLineDash([4 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.textAlign = "left";
    ctx.textBaseline = "bottom";
    ctx.font = `${10 * ratio}px Inter Variable, sans-serif`;
    ctx.fillText(words, bbox.left + 4 * ratio, y - 3 * ratio);
    ctx.restore();
  }

  // --- steps and approvals --------------------------------------------------------------------------------------------

  let chosen = "";
  const steps = () => all(STOPS);
  const current = () => document.activeElement.closest(STOPS) || (chosen && document.getElementById(chosen));

  function go(by) {
    const list = steps();
    if (!list.length) return;
    const at = list.indexOf(current());
    const next = list[Math.min(Math.max(at < 0 ? (by > 0 ? 0 : list.length - 1) : at + by, 0), list.length - 1)];
    chosen = next.id;
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function run() {
    const step = current() || steps().find((one) => !one.matches(".is-good") && find("[data-key=r]", one));
    const button = step && find("[data-key=r]", step);
    if (button) {
      chosen = step.id;
      button.click();
    }
  }

  function approve() {
    const step = current();
    const button = (step && find("[data-key=a]", step)) || find("[data-key=a]");
    if (!button) return;
    const { form } = button, dialog = find("#confirm");
    const question = (field) => form.elements[field].value;
    const asked = [question("approval"), question("sha")];
    find("#confirm-command").textContent = find("[data-exact]", button.closest(".ask-box")).textContent;
    find("#confirm-words").textContent = all(".small", button.closest(".ask-box")).map((line) => line.textContent.replace(/\s+/g, " ").trim()).join(" · ");
    dialog.returnValue = "";
    dialog.onclose = () => {
      const same = form.isConnected && asked[0] === question("approval") && asked[1] === question("sha");
      if (dialog.returnValue === "yes" && same) form.requestSubmit(button);
    };
    dialog.showModal();
  }

  function reach(element) {
    const panel = element.matches("summary") ? element.parentElement : element.closest("details");
    if (panel) panel.open = true;
    if (element.matches("summary")) find("textarea, input:not([type=hidden])", panel)?.focus();
    else if (element.matches("a")) element.click();
    else element.focus();
    element.scrollIntoView({ block: "nearest" });
  }

  // --- the palette ----------------------------------------------------------------------------------------------------

  function openPalette() {
    const dialog = find("#palette"), field = find("#palette-words"), list = find("#palette-found");
    const goals = all("[data-jump]").map((element) => ({ element, words: element.dataset.jump }));
    let found = [], at = 0;
    const show = () => {
      const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      found = goals.filter(({ words }) => wanted.every((word) => words.toLowerCase().includes(word))).slice(0, 50);
      at = 0;
      list.replaceChildren(...found.map(({ words }, place) => {
        const item = document.createElement("li");
        item.id = `found-${place}`;
        item.role = "option";
        item.textContent = words;
        item.onclick = () => take(place);
        return item;
      }));
      select(0);
    };
    const select = (place) => {
      at = Math.min(Math.max(place, 0), Math.max(found.length - 1, 0));
      all("li", list).forEach((item, index) => item.setAttribute("aria-selected", String(index === at)));
      field.setAttribute("aria-activedescendant", found.length ? `found-${at}` : "");
      list.children[at]?.scrollIntoView({ block: "nearest" });
    };
    const take = (place) => {
      dialog.close();
      if (found[place]) reach(found[place].element);
    };
    field.value = "";
    field.oninput = show;
    field.onkeydown = (event) => {
      if (event.key === "ArrowDown") select(at + 1);
      else if (event.key === "ArrowUp") select(at - 1);
      else if (event.key === "Enter") take(at);
      else return;
      event.preventDefault();
    };
    dialog.showModal();
    show();
  }

  // --- keys and buttons -----------------------------------------------------------------------------------------------

  const KEYS = {
    j: () => go(1),
    k: () => go(-1),
    r: run,
    a: approve,
    u: () => find("[data-key=u]") && reach(find("[data-key=u]")),
    n: () => find("[data-key=n]") && reach(find("[data-key=n]")),
    t: toggleTheme,
    "/": openPalette,
    "?": () => find("#keys").showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (!find("#palette") || find("dialog[open]")) return;
    if (event.key === "Escape") all("details.pop[open]").forEach((panel) => (panel.open = false));
    const writing = event.target.matches("input, textarea, select, [contenteditable]");
    const jump = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
    const action = jump ? openPalette : !writing && !event.ctrlKey && !event.metaKey && !event.altKey && KEYS[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) return opener.dataset.open === "palette" ? openPalette() : find(`#${opener.dataset.open}`).showModal();
    const step = event.target.closest(STOPS);
    if (step) chosen = step.id;
    if (event.target.closest("[data-dismiss]")) find("#message").replaceChildren();
    if (event.target.closest("[data-theme-toggle]")) {
      event.preventDefault();
      toggleTheme();
    }
    all("details.pop[open]").filter((panel) => !panel.contains(event.target)).forEach((panel) => (panel.open = false));
  });

  root.classList.add("js");
  document.addEventListener("DOMContentLoaded", () => {
    setSkew();
    tick();
    setInterval(tick, 1000);
    draw();
    toEnd();
    const live = find("#live");
    if (live && window.htmx) setTimeout(() => followStream(live));
    let width = innerWidth;
    addEventListener("resize", () => {
      if (innerWidth === width) return;
      width = innerWidth;
      plots.forEach(({ drawing, place }) => drawing.setSize({ width: place.parentElement.clientWidth - 24, height: 128 }));
    });
  });
})();
