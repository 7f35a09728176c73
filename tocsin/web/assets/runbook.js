/* The page of a runbook: j and k (or n and p) lead to the next and the previous finding. */
"use strict";
(() => {
  const STEPS = { j: 1, n: 1, k: -1, p: -1 };
  const ABOVE = 140; // pixels under the top bar: what is above them has been read

  function lead(by) {
    const findings = [...document.querySelectorAll(".finding")];
    if (!findings.length) return;
    const at = findings.indexOf(document.activeElement);
    const seen = findings.filter((one) => one.getBoundingClientRect().top < ABOVE).length;
    const next = at >= 0 ? at + by : by > 0 ? seen : seen - 1;
    const goal = findings[Math.min(Math.max(next, 0), findings.length - 1)];
    goal.focus({ preventScroll: true });
    goal.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, textarea, select, [contenteditable]")) return;
    if (STEPS[event.key]) lead(STEPS[event.key]);
  });
})();
