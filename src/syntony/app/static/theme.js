// @ts-check
// Runs before the page is drawn, so that a chosen theme does not flash.
(function () {
  const chosen = window.localStorage.getItem("syntony-theme");
  if (chosen === "light" || chosen === "dark") {
    document.documentElement.dataset.theme = chosen;
  }
})();
