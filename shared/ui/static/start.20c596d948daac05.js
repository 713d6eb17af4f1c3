// Loaded before the page is drawn, so that nothing jumps: says that scripts run, and whether this
// browser is new enough for page.js. Without it every page still works.
document.body.className +=
  " js-enabled" +
  ("noModule" in HTMLScriptElement.prototype ? " govuk-frontend-supported" : "");
