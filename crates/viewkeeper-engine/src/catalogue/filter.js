(function () {
  "use strict";
  var form = document.querySelector("form.filter");
  var input = form.querySelector("input");
  var output = form.querySelector("output");
  var rows = Array.from(document.querySelectorAll("table.index tbody tr"));
  var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
  function hide(selector) {
    document.querySelectorAll(selector).forEach(function (part) {
      part.hidden = !part.querySelector("tbody tr:not([hidden])");
    });
  }
  function filter() {
    var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    var left = 0;
    rows.forEach(function (row, number) {
      var fits = words.every(function (word) { return texts[number].includes(word); });
      row.hidden = !fits;
      left += fits ? 1 : 0;
    });
    hide("section.schema .wide");
    hide("section.schema");
    output.textContent = words.length ? left + " of " + rows.length : "";
  }
  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  input.addEventListener("input", filter);
  filter();
})();
