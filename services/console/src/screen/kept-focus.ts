import { useLayoutEffect, useRef } from 'react'

/**
 * A button that goes once what it does is done leaves the focus on nothing, and whoever works by keys or by ear begins again at the top of the page: it
 * goes to `place` instead.
 * @returns the listeners of the element that holds the buttons
 */
export function useKeptFocus(place: () => HTMLElement | null) {
  const isHere = useRef(false)
  useLayoutEffect(() => {
    if (!isHere.current || document.activeElement !== document.body) return
    isHere.current = false
    place()?.focus({ preventScroll: true })
  })
  return {
    onFocus: () => void (isHere.current = true),
    // React tells nothing of a focus that ends because its element goes.
    onBlur: () => void (isHere.current = false),
  }
}
