(() => {
  const rows = [...document.querySelectorAll('.rows tbody tr')];
  const boxes = [...document.querySelectorAll('.filters input[type=checkbox]')];
  const level = document.querySelector('#level');
  const rfc = document.querySelector('#rfc');
  const search = document.querySelector('#search');
  const shown = document.querySelector('#shown');

  function apply() {
    const wanted = new Set(boxes.filter(b => b.checked).map(b => b.value));
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const visible = wanted.has(row.dataset.status) && (!level.value || row.dataset.level === level.value)
        && (!rfc.value || row.dataset.rfc === rfc.value) && words.every(w => text.includes(w));
      row.hidden = !visible;
      count += visible;
    }
    for (const part of document.querySelectorAll('section.list')) {
      part.hidden = !part.querySelector('tbody tr:not([hidden])');
    }
    shown.textContent = count + ' of ' + rows.length + ' rows';
    document.querySelector('.none').style.display = count ? 'none' : 'block';
  }

  document.querySelector('.filters').addEventListener('input', apply);
  apply();
})();
