// Measures of a page that problems_of in looking.py judges.
() => {
  const shown = (e) => { const b = e.getBoundingClientRect(), s = getComputedStyle(e);
    return b.width > 1 && b.height > 1 && s.visibility !== 'hidden' && e.checkVisibility(); };
  const inText = (e) => { const p = e.closest('p, li, dd, .help-text, .prose, td');
    return e.tagName === 'A' &&
      getComputedStyle(e).display === 'inline' && p && p.textContent.trim() !== e.textContent.trim(); };
  const targets = [...document.querySelectorAll('a[href], button, select, summary, textarea, input:not([type=hidden])')]
    .filter(shown).filter((e) => !inText(e) && !e.classList.contains('skip'));
  const measured = targets.map((e) => { const label = /checkbox|radio/.test(e.type || '') ? e.closest('label') : null;
    const b = (label || e).getBoundingClientRect(); return [e.outerHTML.slice(0, 110), b.width, b.height]; });
  return {
    lang: document.documentElement.lang, h1: document.querySelectorAll('h1').length,
    heading: (document.querySelector('h1') || {}).innerText || '', title: document.title,
    purpose: (document.querySelector('.purpose') || {}).innerText || '', help: (document.querySelector('.help-text') || {}).innerText || '',
    header: (document.querySelector(".top-inner") || document.body.firstElementChild).getBoundingClientRect().height,
    overflow: document.documentElement.scrollWidth - window.innerWidth, targets: measured,
    font: parseFloat(getComputedStyle(document.body).fontSize), inline: document.querySelectorAll('[style], style, script:not([src]):not([type="application/json"])').length,
  };
}
