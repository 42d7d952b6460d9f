import { PRESENCE, type Presence } from '../api/shapes.ts'
import { useIdle } from './idle.ts'
import { Dialog, Picker } from './picker.tsx'
import { useAct, useSurroundings, useWork } from './work.tsx'

export type PresenceDialog = 'presence' | 'away' | 'idle'

/** The dialogs in which something is written: it is not taken away half done. */
const WRITTEN_IN = ['transfer', 'snooze', 'close', 'template', 'begin']

const AWAY_REASONS = ['break', 'meal', 'meeting', 'training']

/** How the person is there: chosen, with a reason where they leave, and asked after where nobody has touched the desk. */
export function PresenceDialogs({
  dialog,
  onDialog,
}: {
  readonly dialog: string | undefined
  readonly onDialog: (dialog: PresenceDialog | undefined) => void
}) {
  const { desk, me } = useWork()
  const { texts } = useSurroundings()
  const act = useAct()
  const close = () => onDialog(undefined)
  const setPresence = async (status: Presence, reason?: string) => {
    if (await act('PUT', '/api/presence', { status, ...(reason !== undefined && { reason }) }))
      desk.presenceIs(status)
  }
  const isWriting = dialog !== undefined && WRITTEN_IN.includes(dialog)
  useIdle(desk.presenceOf(me.id) === 'available' && !isWriting, () => onDialog('idle'))
  switch (dialog) {
    case 'presence':
      return (
        <Picker
          key="presence"
          title={texts.presence.label}
          empty=""
          choices={PRESENCE.map((each) => ({
            id: each,
            label: texts.presence[each],
            detail: texts.presence.hint[each],
          }))}
          onPick={(picked) => {
            const chosen = PRESENCE.find((each) => each === picked)
            if (chosen === 'away') onDialog('away')
            else if (chosen !== undefined) void setPresence(chosen)
          }}
          onClose={close}
        />
      )
    case 'away':
      return (
        <Picker
          key="away"
          title={texts.presence.why}
          empty=""
          choices={(me.awayReasons ?? AWAY_REASONS).map((reason) => ({
            id: reason,
            label: texts.presence.reasons[reason] ?? reason,
          }))}
          onPick={(reason) => void setPresence('away', reason)}
          onClose={close}
        />
      )
    case 'idle':
      return (
        <Dialog title={texts.presence.idle} onClose={close}>
          <p>{texts.presence.idleHint}</p>
          <p className="actions">
            <button
              type="button"
              className="strong"
              data-autofocus
              onClick={() => {
                close()
                // Whose offers ended meanwhile was made away: they are here, and say so.
                if (desk.presenceOf(me.id) === 'away' && desk.madeSoBy === 'missed_offers')
                  void setPresence('available')
              }}
            >
              {texts.presence.here}
            </button>
            <button
              type="button"
              className="plain"
              onClick={() => {
                close()
                void setPresence('away', 'idle')
              }}
            >
              {texts.presence.goAway}
            </button>
          </p>
        </Dialog>
      )
    default:
      return null
  }
}
