interface EmptyProps {
  readonly title: string
  readonly hint: string
  readonly action?: { readonly label: string; readonly run: () => void }
}

/** In place of what is not there: says which of empty, not allowed and failed it is, and what to do. */
export function Empty({ title, hint, action }: EmptyProps) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      <p>{hint}</p>
      {action && (
        <button type="button" className="plain" onClick={action.run}>
          {action.label}
        </button>
      )}
    </div>
  )
}
