import type { Row } from '../api/shapes.ts'
import type { Actions } from '../state/keymap.ts'
import { Supervision } from './supervision.tsx'
import { useSurroundings } from './work.tsx'

interface ConversationHeadProps {
  readonly name: string
  readonly row: Row | undefined
  readonly actions: Actions
  readonly onBack: () => void
}

export function ConversationHead({ name, row, actions, onBack }: ConversationHeadProps) {
  const { texts, format } = useSurroundings()
  return (
    <div className="conversation-head">
      <button type="button" className="plain back" aria-label={texts.back} onClick={onBack}>
        ←
      </button>
      <h2>
        <bdi>{name}</bdi>
      </h2>
      {row !== undefined && (
        <span className="tag">
          {row.isOnHold === true
            ? texts.onHold
            : row.snoozedUntil != null
              ? texts.snoozedUntil(format.moment(row.snoozedUntil))
              : texts.stages[row.stage]}
        </span>
      )}
      <span className="space" />
      <div className="conversation-actions">
        {(['claim', 'resume', 'begin', 'transfer', 'snooze', 'park', 'hold', 'close'] as const).map(
          (action) =>
            actions[action] && (
              <button key={action} type="button" className="plain" onClick={actions[action]}>
                {texts.actions[action]}
              </button>
            ),
        )}
        {row !== undefined && row.lastMessage !== undefined && <Supervision key={row.id} row={row} />}
        {actions.card && (
          <button type="button" className="plain card-button" onClick={actions.card}>
            {texts.actions.card}
          </button>
        )}
      </div>
    </div>
  )
}
