import type { RefObject } from 'react'
import type { Row, View } from '../api/shapes.ts'
import type { Actions } from '../state/keymap.ts'
import type { ComposerHandle } from './composer.tsx'
import { CustomerCard } from './customer-card.tsx'
import {
  CloseDialog,
  Help,
  Palette,
  QuickReplies,
  SettingsDialog,
  SnoozeDialog,
  TemplateDialog,
  TransferDialog,
} from './dialogs.tsx'
import { Dialog } from './picker.tsx'
import { type PresenceDialog, PresenceDialogs } from './presence.tsx'
import type { useWishes } from './wishes.ts'
import { useSurroundings, useWork } from './work.tsx'

/** What they do is done to the conversation that is open. */
const OF_CONVERSATION = ['transfer', 'snooze', 'close', 'quickReplies', 'template', 'begin', 'card'] as const
export type DialogName = 'palette' | 'help' | 'settings' | (typeof OF_CONVERSATION)[number] | PresenceDialog

export const isOfConversation = (dialog: DialogName | undefined): boolean =>
  OF_CONVERSATION.some((name) => name === dialog)

interface DeskDialogsProps {
  readonly dialog: DialogName | undefined
  readonly show: (dialog: DialogName | undefined) => void
  readonly row: Row | undefined
  readonly view: View
  readonly actions: Actions
  readonly wishes: ReturnType<typeof useWishes>
  readonly composer: RefObject<ComposerHandle | null>
  readonly open: (id: string) => void
}

/** The one that is open, if any. */
export function DeskDialogs({ dialog, show, row, view, actions, wishes, composer, open }: DeskDialogsProps) {
  const { outbox } = useWork()
  const { texts } = useSurroundings()
  const closeDialog = () => show(undefined)
  return (
    <>
      {dialog === 'palette' && (
        <Palette actions={actions} onOpen={({ id }: Row) => open(id)} onClose={closeDialog} />
      )}
      {dialog === 'help' && <Help onClose={closeDialog} />}
      {dialog === 'settings' && <SettingsDialog onClose={closeDialog} />}
      <PresenceDialogs dialog={dialog} onDialog={show} />
      {row !== undefined && (
        <>
          {dialog === 'card' && (
            <Dialog title={texts.card.title} onClose={closeDialog}>
              <CustomerCard key={row.id} row={row} view={view} onBegin={actions.begin} />
            </Dialog>
          )}
          {dialog === 'transfer' && (
            <TransferDialog
              row={row}
              onTransfer={(to, note) => void wishes.transfer(to, note)}
              onClose={closeDialog}
            />
          )}
          {dialog === 'snooze' && (
            <SnoozeDialog onSnooze={(until) => void wishes.snooze(until)} onClose={closeDialog} />
          )}
          {dialog === 'close' && (
            <CloseDialog row={row} onReason={(...how) => void wishes.close(...how)} onClose={closeDialog} />
          )}
          {dialog === 'quickReplies' && (
            <QuickReplies row={row} onText={(text) => composer.current?.insert(text)} onClose={closeDialog} />
          )}
          {dialog === 'begin' && (
            <TemplateDialog
              row={row}
              title={texts.dialogs.begin}
              onSend={(template, parameters) => void wishes.begin(template, parameters)}
              onClose={closeDialog}
            />
          )}
          {dialog === 'template' && (
            <TemplateDialog
              row={row}
              title={texts.dialogs.template}
              onSend={({ name, language }, parameters, preview) =>
                outbox.write(row.id, { type: 'template', name, language, parameters, preview })
              }
              onClose={closeDialog}
            />
          )}
        </>
      )}
    </>
  )
}
