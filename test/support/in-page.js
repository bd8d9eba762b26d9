// Injected into every page before its own scripts: what a test asks a page about itself.

const refused = [];
addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  refused.push(`${violatedDirective} ${blockedURI}`);
});

// The page that offers a passkey leaves immediately on a device that can't have one, such as a headless browser.
if ('PublicKeyCredential' in window) {
  PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable = () => Promise.resolve(true);
}

window.inPage = {
  /** What is wider than the window, cut off, or too small to press, with text of the given size. */
  layoutFaults(fontSize) {
    const html = document.documentElement;
    html.style.fontSize = fontSize;
    const faults = html.scrollWidth > innerWidth ? [`${html.scrollWidth} px wide`] : [];
    for (const element of document.querySelectorAll('body *')) {
      if (element.matches('.unseen, .skip, svg *')) continue;
      const { left, right, width, height } = element.getBoundingClientRect();
      if (width === 0) continue;
      const what = `${element.tagName} ${element.className}`;
      if (left < 0 || right > innerWidth) faults.push(`${what} sticks out`);
      const isCut = element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1;
      if (isCut && element.tagName !== 'INPUT') faults.push(`${what} is cut off`);
      // A box to tick has the whole of its label to be pressed.
      if (element.matches('button, .button, input:not([type=checkbox]), label:has(input)') && height < 44)
        faults.push(`${what} is ${height} px high`);
    }
    return faults;
  },

  /** Turns the page round: it has to fit in both directions, and nothing else about it may change. */
  mirror() {
    const html = document.documentElement;
    html.style.fontSize = '';
    html.dir = html.dir === 'rtl' ? 'ltr' : 'rtl';
  },

  /** What breaks the policy, has no language, or is animated. */
  otherFaults(lang) {
    const html = document.documentElement;
    const moving = [...document.querySelectorAll('*')].filter((element) => {
      const { transitionDuration, animationName } = getComputedStyle(element);
      return transitionDuration !== '0s' || animationName !== 'none';
    });
    const inline = [...document.scripts].filter(({ text, src }) => text !== '' || src === '');
    return [
      ...refused,
      ...(html.lang === lang ? [] : ['wrong language']),
      ...(document.querySelectorAll('h1').length === 1 ? [] : ['not one h1']),
      ...inline.map(() => 'inline script'),
      ...moving.map(({ tagName }) => `${tagName} moves`),
    ];
  },

  /** What is out of order, overgrown or without a name where no stylesheet was loaded. */
  faultsWithoutStyles() {
    const parts = [
      ...document.querySelectorAll('h1, h2, p, li, dt, label, input, button, summary, main a'),
    ].filter(
      (part) => part.checkVisibility() && part.type !== 'hidden' && part.getBoundingClientRect().height > 0,
    );
    const bottoms = parts.map((part) => part.getBoundingClientRect().bottom);
    const early = parts.filter(
      (part, at) =>
        at > 0 && !parts[at - 1].contains(part) && bottoms[at] < parts[at - 1].getBoundingClientRect().top,
    );
    const pictures = [...document.querySelectorAll('svg[aria-hidden=true], img')].filter(
      (picture) => picture.getBoundingClientRect().height > 64,
    );
    const unnamed = parts.filter(
      (part) =>
        part.tagName === 'INPUT' && ![...(part.labels ?? [])].some((label) => label.checkVisibility()),
    );
    const what = (fault) => (element) => `${element.tagName} ${element.id || element.className} ${fault}`;
    return [
      ...(getComputedStyle(document.body).margin === '8px' ? [] : ['there is a stylesheet']),
      ...early.map(what('comes too early')),
      ...pictures.map(what('is too large')),
      ...unnamed.map(what('has no label')),
    ];
  },

  /** Which of these have nothing around them that shows. */
  withoutEdge(selector) {
    const isSeen = (element) => {
      const style = getComputedStyle(element);
      return ['Top', 'Left'].some(
        (side) =>
          style[`border${side}Style`] === 'solid' &&
          Number.parseFloat(style[`border${side}Width`]) >= 1 &&
          style[`border${side}Color`] !== getComputedStyle(document.body).backgroundColor,
      );
    };
    return [...document.querySelectorAll(selector)]
      .filter((element) => element.checkVisibility() && !isSeen(element))
      .map(({ tagName, className }) => `${tagName} ${className}`);
  },

  /** How many places the Tab key should stop at; moves to the first of them. */
  startOfTabs() {
    const places = document.querySelectorAll('a[href], button, input:not([type=hidden]), summary');
    places[0].focus();
    return [...places].filter((place) => place.checkVisibility()).length;
  },

  /** Where the focus is: how far down, and how wide its ring. */
  focused() {
    const { top } = document.activeElement.getBoundingClientRect();
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return {
      top: Math.round(top + scrollY),
      ring: outlineStyle === 'solid' ? Number.parseFloat(outlineWidth) : 0,
    };
  },
};
