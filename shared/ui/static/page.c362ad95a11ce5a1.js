// Starts the behaviour of the components on the page: exit this page, error summary focus,
// double-click protection, conditional questions, the menu on a phone.
import { initAll } from "./govuk-frontend.4e8b95d53d3c5cba.js";

// A radio with a question below it is told to be "expanded" or not, which a radio cannot be: what
// assistive technology makes of that differs. aria-controls stays, and the question comes next.
new MutationObserver((changes) => {
  for (const { target } of changes) {
    if (target.matches("input[type=radio]")) target.removeAttribute("aria-expanded");
  }
}).observe(document.body, { subtree: true, attributeFilter: ["aria-expanded"] });

initAll();
