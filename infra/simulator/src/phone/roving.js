// One tab stop for all that can be done in the thread: Tab leads to one message, the arrows lead on from there.

/** Messages, and what can be done in them. */
const stops = 'li.message, li.message .stop'

/** @param {HTMLElement} thread */
export const roving = (thread) => {
  /** @returns {HTMLElement[]} */
  const all = () => [...thread.querySelectorAll(/** @type {'li'} */ (stops))]

  /** Tab leads here from now on. @param {HTMLElement | undefined} stop */
  const settle = (stop) => {
    for (const other of thread.querySelectorAll('[tabindex="0"]')) other.setAttribute('tabindex', '-1')
    stop?.setAttribute('tabindex', '0')
  }

  thread.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLElement && target.matches(stops)) settle(target)
  })
  thread.addEventListener('keydown', (event) => {
    const stop = event.target
    if (!(stop instanceof HTMLElement) || !stop.matches(stops)) return
    const places = all()
    const now = places.indexOf(stop)
    const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: places.length - 1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    places[next]?.focus()
  })

  return {
    /** After messages came or went: the last one is where Tab leads, unless somebody is in the thread. */
    refresh: () => {
      if (thread.contains(document.activeElement) && thread.querySelector('[tabindex="0"]') !== null) return
      settle([...thread.querySelectorAll('li')].findLast((item) => item.matches('.message')))
    },
    settle,
  }
}
