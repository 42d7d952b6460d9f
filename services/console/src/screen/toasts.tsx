import { KEYMAP, shownKey } from '../state/keymap.ts'
import type { Toast } from '../state/toasts.ts'
import { useSurroundings } from './work.tsx'

/** The one that a key answers. */
export const latestAsking = (toasts: readonly Toast[]) =>
  toasts.findLast((toast): toast is Toast & Required<Pick<Toast, 'action'>> => toast.action !== undefined)

/** What is told in passing. What went wrong stays until it is dismissed. */
export function Toasts() {
  const { texts, toasts, dismiss } = useSurroundings()
  const asking = latestAsking(toasts)
  return (
    <div className="toasts" role="status">
      {toasts.map(({ id, kind, text, action }) => (
        <p key={id} className="toast" data-kind={kind}>
          <span>
            {kind === 'trouble' && <span aria-hidden="true">⚠ </span>}
            {text}
          </span>
          {action && (
            <button
              type="button"
              className="plain"
              onClick={() => {
                dismiss(id)
                action.run()
              }}
            >
              {action.label} {id === asking?.id && <kbd>{shownKey(KEYMAP.notice.keys[0], false)}</kbd>}
            </button>
          )}
          <button type="button" className="plain" aria-label={texts.dismiss} onClick={() => dismiss(id)}>
            ✕
          </button>
        </p>
      ))}
    </div>
  )
}
