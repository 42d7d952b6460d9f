import { useSurroundings } from './work.tsx'

/** What is told in passing. What went wrong stays until it is dismissed. */
export function Toasts() {
  const { texts, toasts, dismiss } = useSurroundings()
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
              {action.label}
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
