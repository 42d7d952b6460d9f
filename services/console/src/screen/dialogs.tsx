import { Radio, Switch, TextInput, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Refused } from '../api/client.ts'
import type { Row, Template } from '../api/shapes.ts'
import { serviceNow } from '../state/clock.ts'
import { ACTION_NAMES, type ActionGroup, type Actions, KEYMAP, shownKey } from '../state/keymap.ts'
import { isWaiting } from '../state/lists.ts'
import { filled, inOneLine, parameterCount, previewOf } from '../state/placeholders.ts'
import { snoozedUntil } from '../state/snooze.ts'
import { replyWindowOf } from '../state/window.ts'
import { pathOf } from '../state/workplace.ts'
import { LANGUAGES } from '../state/written-language.ts'
import { TEXTS } from '../texts/index.ts'
import { Empty } from './empty.tsx'
import { Dialog, Options, Picker, takeFocus } from './picker.tsx'
import { useCalled, isOwnedBy, useNow, useSurroundings, useTexts, useWork } from './work.tsx'

const IS_APPLE = /mac|iphone|ipad/i.test(navigator.platform)
const keysOf = (name: keyof typeof KEYMAP): string =>
  KEYMAP[name].keys.map((key) => shownKey(key, IS_APPLE)).join(', ')

interface Closable {
  readonly onClose: () => void
}

export function Palette({
  actions,
  onOpen,
  onClose,
}: Closable & { readonly actions: Actions; readonly onOpen: (row: Row) => void }) {
  const { desk } = useWork()
  const texts = useTexts()
  const commands = ACTION_NAMES.filter((name) => name !== 'palette' && actions[name] !== undefined)
  const rows = [...desk.rows()].filter(({ lastMessage }) => lastMessage !== undefined)
  return (
    <Picker
      title={texts.dialogs.palette}
      empty={texts.dialogs.nothing}
      onClose={onClose}
      choices={[
        ...commands.map((name) => ({ id: `do ${name}`, label: texts.actions[name], keys: keysOf(name) })),
        ...rows.map(({ id, contact, stage }) => ({
          id: `open ${id}`,
          label: contact.name || texts.noName,
          detail: texts.stages[stage],
        })),
      ]}
      onPick={(picked) => {
        const row = picked.startsWith('open ') ? desk.row(picked.slice(5)) : undefined
        if (row !== undefined) onOpen(row)
        const name = ACTION_NAMES.find((name) => picked === `do ${name}`)
        if (name !== undefined) actions[name]?.()
      }}
    />
  )
}

const GROUPS: readonly ActionGroup[] = ['list', 'work', 'conversation', 'places', 'desk']

export function Help({ onClose }: Closable) {
  const texts = useTexts()
  return (
    <Dialog title={texts.dialogs.help} onClose={onClose} size="lg">
      <p className="quiet">{texts.dialogs.helpHint}</p>
      <div className="help">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{texts.groups[group]}</h3>
            <dl>
              {ACTION_NAMES.filter((name) => KEYMAP[name].group === group).map((name) => (
                <div key={name}>
                  <dt>
                    <kbd>{keysOf(name)}</kbd>
                  </dt>
                  <dd>{texts.actions[name]}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}

export function SettingsDialog({ onClose }: Closable) {
  const { client } = useWork()
  const { texts, settings, change, tell } = useSurroundings()
  const [isRefused, setIsRefused] = useState(false)
  // Only who is signed out for certain is led there: a desk that loads anew looks like one that was left.
  const toDesk = () => location.assign('/desk')
  const askForNotifications = async () => {
    const isGranted = (await Notification.requestPermission()) === 'granted'
    setIsRefused(!isGranted)
    change({ notifications: isGranted })
  }
  return (
    <Dialog title={texts.dialogs.settings} onClose={onClose}>
      <div className="form">
        <Radio.Group
          label={texts.settings.language}
          value={settings.language}
          onChange={(language) => change({ language })}
        >
          {LANGUAGES.map((language) => (
            <Radio key={language} value={language} label={TEXTS[language].ownName} lang={language} />
          ))}
        </Radio.Group>
        <Radio.Group
          label={texts.settings.scheme}
          value={settings.scheme}
          onChange={(scheme) => change({ scheme })}
        >
          {(['auto', 'light', 'dark'] as const).map((scheme) => (
            <Radio key={scheme} value={scheme} label={texts.settings.schemes[scheme]} />
          ))}
        </Radio.Group>
        <Radio.Group
          label={texts.settings.density}
          value={settings.density}
          onChange={(density) => change({ density })}
        >
          {(['comfortable', 'compact'] as const).map((density) => (
            <Radio key={density} value={density} label={texts.settings.densities[density]} />
          ))}
        </Radio.Group>
        <Switch
          label={texts.settings.sound}
          checked={settings.sound}
          onChange={({ currentTarget }) => change({ sound: currentTarget.checked })}
        />
        <Switch
          label={texts.settings.notifications}
          checked={settings.notifications}
          error={isRefused && texts.settings.notificationsRefused}
          onChange={({ currentTarget: { checked } }) => {
            if (!checked) return change({ notifications: false })
            void askForNotifications()
          }}
        />
        <button
          type="button"
          className="plain"
          onClick={() =>
            void client.signOut().then(toDesk, (error: unknown) => {
              if (error instanceof Refused && error.status === 401) toDesk()
              else tell({ kind: 'trouble', text: texts.settings.notSignedOut })
            })
          }
        >
          {texts.settings.signOut}
        </button>
        <p className="small">{texts.presence.hint.offline}</p>
      </div>
    </Dialog>
  )
}

export type TransferTarget =
  | { readonly agentId: string }
  | { readonly queue: string }
  | { readonly flow: string; readonly step?: string }

interface Target {
  readonly id: string
  readonly label: string
  readonly detail?: string
  readonly to: TransferTarget
}

export function TransferDialog({
  row,
  onTransfer,
  onClose,
}: Closable & { readonly row: Row; readonly onTransfer: (to: TransferTarget, note: string) => void }) {
  const { me, desk, unsaid } = useWork()
  const texts = useTexts()
  const [to, setTo] = useState<string>()
  const [note, setNote] = useState(() => unsaid.get(`${pathOf(row.id)}/transfer`) ?? '')
  const called = useCalled(me.names)
  const queues = Object.keys(me.closeReasons ?? {}).filter((queue) => !isWaiting(row) || queue !== row.queue)
  // Who could take it when it was asked for stands first: none of them moves under the pointer.
  const [thereFirst] = useState(() => {
    const isThere = ({ id }: { readonly id: string }) => desk.presenceOf(id) === 'available'
    return (me.colleagues ?? []).toSorted((one, other) => Number(isThere(other)) - Number(isThere(one)))
  })
  const agents = thereFirst.filter(({ id }) => id !== me.id && !isOwnedBy(row, id))
  const targets: readonly Target[] = [
    ...queues.map((queue) => ({
      id: `queue ${queue}`,
      label: texts.dialogs.toQueue(called('queues', queue)),
      to: { queue },
    })),
    ...agents.map(({ id, name }) => {
      const presence = desk.presenceOf(id)
      return {
        id: `agent ${id}`,
        label: texts.dialogs.toAgent(name),
        to: { agentId: id },
        ...(presence !== undefined && { detail: texts.presence[presence] }),
      }
    }),
    ...(me.flows ?? []).flatMap(({ name, steps }) => [
      { id: `flow ${name}`, label: texts.dialogs.toRobot(called('flows', name)), to: { flow: name } },
      ...steps.map((step) => ({
        id: `flow ${name} ${step}`,
        label: texts.dialogs.toRobot(called('flows', name)),
        detail: called('steps', step),
        to: { flow: name, step },
      })),
    ]),
  ]
  const target = targets.find(({ id }) => id === to)
  if (target === undefined)
    return (
      <Dialog title={texts.dialogs.transfer} onClose={onClose}>
        <Options
          label={texts.dialogs.transferTo}
          empty={texts.dialogs.noTargets}
          choices={targets}
          onPick={setTo}
        />
      </Dialog>
    )
  return (
    <Dialog title={texts.dialogs.transfer} onClose={onClose}>
      <form
        ref={takeFocus}
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          onTransfer(target.to, note)
          onClose()
        }}
      >
        <p>
          <b>{target.label}</b> {target.detail}
        </p>
        <Textarea
          data-autofocus
          label={texts.dialogs.transferNote}
          description={texts.dialogs.transferNoteHint}
          value={note}
          autosize
          minRows={2}
          maxLength={4_096}
          onChange={({ currentTarget }) => setNote(currentTarget.value)}
        />
        <button type="submit" className="strong">
          {texts.actions.transfer}
        </button>
      </form>
    </Dialog>
  )
}

export function SnoozeDialog({ onSnooze, onClose }: Closable & { readonly onSnooze: (until: Date) => void }) {
  const texts = useTexts()
  const { snoozeIn } = texts.dialogs
  const [chosen, setChosen] = useState('')
  const snooze = (until: Date) => {
    onClose()
    onSnooze(until)
  }
  return (
    <Dialog title={texts.dialogs.snooze} onClose={onClose}>
      <p className="quiet">{texts.dialogs.snoozeHint}</p>
      <Options
        label={texts.dialogs.snooze}
        empty=""
        choices={Object.entries(snoozeIn).map(([id, label]) => ({ id, label }))}
        onPick={(picked) => snooze(snoozedUntil(picked, serviceNow()))}
      />
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          if (chosen !== '') snooze(new Date(chosen))
        }}
      >
        <TextInput
          type="datetime-local"
          label={texts.dialogs.snoozeUntil}
          value={chosen}
          onChange={({ currentTarget: { value } }) => setChosen(value)}
        />
        <button type="submit" className="strong" disabled={chosen === ''}>
          {texts.actions.snooze}
        </button>
      </form>
    </Dialog>
  )
}

export function CloseDialog({
  row,
  onReason,
  onClose,
}: Closable & { readonly row: Row; readonly onReason: (reason: string, lastWord: string) => void }) {
  const { me, desk, unsaid } = useWork()
  const texts = useTexts()
  const called = useCalled(me.names)
  const reasons = me.closeReasons?.[row.queue ?? ''] ?? ['solved']
  const [lastWord, setLastWord] = useState(() => unsaid.get(`${pathOf(row.id)}/close`) ?? '')
  const window = replyWindowOf(desk.replyWindowEndsAt(row), useNow(1_000))
  const mayWrite = window.kind === 'open' || window.kind === 'ending'
  return (
    <Dialog title={texts.dialogs.close} onClose={onClose}>
      {!isWaiting(row) && <p className="quiet">{texts.dialogs.closeUndo}</p>}
      <Options
        label={texts.dialogs.closeReason}
        empty={texts.dialogs.noReasons}
        choices={reasons.map((reason) => ({ id: reason, label: called('closeReasons', reason) }))}
        onPick={(reason) => {
          onClose()
          onReason(reason, mayWrite ? lastWord.trim() : '')
        }}
      />
      {mayWrite && (
        <Textarea
          label={texts.dialogs.lastWord}
          value={lastWord}
          autosize
          minRows={1}
          maxLength={4_096}
          dir="auto"
          onChange={({ currentTarget }) => setLastWord(currentTarget.value)}
        />
      )}
    </Dialog>
  )
}

export function QuickReplies({
  row,
  onText,
  onClose,
}: Closable & { readonly row: Row; readonly onText: (text: string) => void }) {
  const { me } = useWork()
  const texts = useTexts()
  const { language, name } = row.contact
  const values = new Map([
    ...(name === '' ? [] : [['customer', name] as const]),
    ['agent', me.name.split(' ')[0] ?? me.name] as const,
  ])
  const known = me.quickReplies ?? []
  const fitting = known.filter((reply) => reply.language === language)
  const shown = fitting.length > 0 ? fitting : known
  return (
    <Picker
      title={texts.dialogs.quickReplies}
      empty={texts.dialogs.noQuickReplies}
      onClose={onClose}
      choices={shown.map((reply, index) => ({
        id: String(index),
        label: reply.name,
        detail: filled(reply.text, values),
      }))}
      onPick={(picked) => {
        const reply = shown[Number(picked)]
        if (reply !== undefined) onText(filled(reply.text, values))
      }}
    />
  )
}

/** Templates are approved within minutes or days, not while somebody chooses. */
const TEMPLATES_FRESH_MS = 60_000

export function TemplateDialog({
  row,
  title,
  onSend,
  onClose,
}: Closable & {
  readonly row: Row
  readonly title: string
  readonly onSend: (template: Template, parameters: readonly string[], preview: string) => void
}) {
  const { client } = useWork()
  const texts = useTexts()
  const { data, isError, refetch } = useQuery({
    queryKey: ['templates', row.id],
    queryFn: () => client.templates(row.id),
    staleTime: TEMPLATES_FRESH_MS,
  })
  const [chosen, setChosen] = useState<Template>()
  const [parameters, setParameters] = useState<readonly string[]>([])
  const { language } = row.contact
  // Those in the customer's language first.
  const templates = [...(data ?? [])].sort(
    (a, b) => Number(isIn(b.language, language)) - Number(isIn(a.language, language)),
  )
  if (chosen === undefined)
    return (
      <Dialog title={title} onClose={onClose}>
        {isError && (
          <Empty
            title={texts.dialogs.templatesFailed}
            hint={texts.unreachable}
            action={{ label: texts.retry, run: () => void refetch() }}
          />
        )}
        <Options
          label={texts.dialogs.template}
          isLoading={data === undefined}
          empty={data === undefined ? (isError ? '' : texts.loading) : texts.dialogs.noTemplates}
          choices={templates.map(({ name, language, text }) => ({
            id: `${name} ${language}`,
            label: `${name} · ${language}`,
            detail: text,
          }))}
          onPick={(picked) => {
            const template = templates.find(({ name, language }) => picked === `${name} ${language}`)
            setChosen(template)
            setParameters(Array.from({ length: parameterCount(template?.text ?? '') }, () => ''))
          }}
        />
      </Dialog>
    )
  const preview = previewOf(chosen.text, parameters)
  const isFilled = parameters.every((parameter) => inOneLine(parameter) !== '')
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        ref={takeFocus}
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          if (!isFilled) return
          onSend(chosen, parameters.map(inOneLine), preview)
          onClose()
        }}
      >
        {parameters.map((parameter, index) => (
          <TextInput
            // oxlint-disable-next-line no-array-index-key -- a parameter is its number
            key={index}
            {...(index === 0 && { 'data-autofocus': true })}
            label={texts.dialogs.parameter(index + 1)}
            required
            withAsterisk={false}
            value={parameter}
            onChange={({ currentTarget: { value } }) => setParameters(parameters.with(index, value))}
          />
        ))}
        <figure className="preview">
          <figcaption className="small">{texts.dialogs.preview}</figcaption>
          <p className="words" dir="auto">
            {preview}
          </p>
        </figure>
        <button
          type="submit"
          className="strong"
          disabled={!isFilled}
          {...(parameters.length === 0 && { 'data-autofocus': true })}
        >
          {texts.composer.send}
        </button>
      </form>
    </Dialog>
  )
}

/** `pt_BR` is Portuguese. */
const isIn = (tag: string, language: string | null): boolean =>
  language !== null && tag.split(/[_-]/)[0] === language
