import { useEffect } from 'react'
import type { Offer } from '../api/shapes.ts'
import { type ActionName, type Actions, actionOf } from '../state/keymap.ts'

export const isInField = (element: EventTarget | null): boolean =>
  element instanceof HTMLElement && (element.matches('input, textarea, select') || element.isContentEditable)

/**
 * The key belongs to the letter or word that is being put together, also the Enter that chooses it: WebKit says so by the code alone, for
 * its composition ends before the key that ends it. https://bugs.webkit.org/show_bug.cgi?id=165004
 */
export const isComposing = ({ isComposing, keyCode }: KeyboardEvent): boolean =>
  isComposing || keyCode === COMPOSING_KEY_CODE

/** https://www.w3.org/TR/uievents/#determine-keydown-keyup-keyCode */
const COMPOSING_KEY_CODE = 229

/** Which action a key that was pressed means, where it was pressed. */
export const actionPressed = (event: KeyboardEvent): ActionName | undefined =>
  actionOf(event, isInField(event.target))

/** The open conversation, which has the focus where nothing in it has. */
export const CONVERSATION = 'thread'
export const conversationShown = (): HTMLElement | null => document.getElementById(CONVERSATION)

const isOnNothing = ({ activeElement, body }: Document): boolean =>
  activeElement === body || activeElement?.id === CONVERSATION

/** Binds the keymap. Where nothing has the focus, Enter and Esc answer the offer. */
export function useKeys(
  actions: Actions,
  isDialogOpen: boolean,
  offer: Offer | undefined,
  accept: (offer: Offer) => void,
  decline: (offer: Offer) => void,
): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isDialogOpen || event.repeat) return
      if (offer !== undefined && isOnNothing(document)) {
        if (event.key === 'Enter') return accept(offer)
        if (event.key === 'Escape') return decline(offer)
      }
      const name = actionPressed(event)
      const action = name && actions[name]
      if (action === undefined) return
      event.preventDefault()
      action()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  })
}
