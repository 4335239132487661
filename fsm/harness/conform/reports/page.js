const form = document.querySelector('.filters');
const all = [...document.querySelectorAll('.scenario')];
const rest = document.querySelector('#rest');

function fits(scenario, wanted) {
  const { outcome, concept, rules } = scenario.dataset;
  const rule = wanted.rule.trim().toUpperCase();
  const text = wanted.text.toLowerCase();
  return (!wanted.outcome || outcome === wanted.outcome)
    && (!wanted.concept || concept === wanted.concept)
    && (!rule || rules.split(' ').some((each) => each === rule || each.startsWith(rule + '-')))
    && (!text || scenario.textContent.toLowerCase().includes(text));
}

function show() {
  const wanted = Object.fromEntries(new FormData(form));
  let shown = 0;
  let inRest = 0;
  for (const scenario of all) {
    scenario.hidden = !fits(scenario, wanted);
    if (!scenario.hidden) {
      shown += 1;
      inRest += scenario.tagName === 'LI';
    }
  }
  document.querySelector('#shown').textContent = `${shown} of ${all.length} scenarios`;
  if (rest && inRest && (wanted.outcome || wanted.rule)) rest.open = true;
}

form.addEventListener('input', show);
document.addEventListener('click', (click) => {
  const link = click.target.closest('a[data-rule]');
  if (!link) return;
  click.preventDefault();
  form.rule.value = link.dataset.rule;
  form.outcome.value = link.dataset.outcome || '';
  show();
  document.querySelector('#scenarios').scrollIntoView();
});
show();
