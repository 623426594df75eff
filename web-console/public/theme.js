// Runs before the first paint, as a file of its own because the page's policy forbids inline scripts.
// src/ui/theme.ts takes over when the console has loaded; both read the same stored choice.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem("slipway.theme");
  } catch {
    // Storage may be forbidden; the system's choice is right then.
  }
  var dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
