import { createInterface } from 'node:readline'
import { type CallOutcome, type Flow, type HttpCall, answer, readSession } from '@parley/bot/playing'
import type { Language } from '@parley/conversation'
import type { Action } from '@parley/proto/bot'
import { MessageBody } from '@parley/proto/content'
import { unreachable } from '@parley/kernel'
import type { Calendars } from '@parley/workforce'

export interface Playing {
  readonly flow: Flow
  readonly language: Language
  /** What the customer writes, line by line. */
  readonly lines: AsyncIterable<string>
  readonly calendars: Calendars | undefined
  readonly secrets: Readonly<Record<string, string>>
  call(call: HttpCall): Promise<CallOutcome>
  /** The robot's words. */
  print(line: string): void
  /** A line that was read: shown when nobody saw it being typed. */
  echo(line: string): void
  prompt(): void
}

interface Shown {
  readonly id: string
  readonly title: string
}

/** Plays one conversation; `ended` when the flow ended or gave it to people. */
export async function play(playing: Playing): Promise<'ended' | 'waiting' | 'FLOW_LOOP'> {
  let { language }: { language: string } = playing
  let session = ''
  let turn = 0
  let choices: readonly Shown[] = []

  const respond = async (inputs: readonly MessageBody[]): Promise<'ended' | 'waiting' | 'FLOW_LOOP'> => {
    turn += 1
    const run = answer(
      playing.flow,
      {
        turnId: `played-here-${turn}`,
        number: turn,
        language,
        session: readSession(session),
        inputs: inputs.map((message, index) => ({
          messageId: `typed-${turn}-${index}`,
          message,
          change: '',
          seenTurn: turn - 1,
          askedTurn: turn - 1,
        })),
        at: new Date().toISOString(),
        calendars: playing.calendars,
        // Nobody writes on while a turn is played here.
        mayAct: true,
      },
      playing.secrets,
    )
    let state = run.next()
    while (!state.done) state = run.next(await playing.call(state.value))
    if (state.value.outcome === 'failed') return state.value.code
    if (state.value.outcome === 'held back') throw new Error('A turn that may act is held back by nothing.')
    session = state.value.session
    for (const action of state.value.actions) {
      if (action.action?.$case === 'chooseLanguage') language = action.action.value.language
      const shown = show(action)
      for (const line of shown.lines) playing.print(line)
      if (shown.choices.length > 0) choices = shown.choices
    }
    return session === '' ? 'ended' : 'waiting'
  }

  // A conversation begins with the customer: the greeting that every flow passes over.
  let outcome = await respond([])
  if (outcome !== 'waiting') return outcome
  playing.prompt()
  for await (const line of playing.lines) {
    playing.echo(line)
    if (line.trim() !== '') {
      const tapped = choices[Number(line.trim()) - 1]
      choices = []
      outcome = await respond([tapped ? tap(tapped) : written(line)])
      if (outcome !== 'waiting') return outcome
    }
    playing.prompt()
  }
  return 'waiting'
}

const written = (text: string) => MessageBody.fromPartial({ body: { $case: 'text', value: { text } } })
const tap = ({ id, title }: Shown) =>
  MessageBody.fromPartial({ body: { $case: 'choice', value: { source: 'button_reply', id, title } } })

/** The lines of a script or a pipe, or of a person at the keyboard. */
export const linesOf = (input: NodeJS.ReadableStream): AsyncIterable<string> =>
  createInterface({ input, crlfDelay: Infinity })

function show({ action }: Action): { lines: string[]; choices: Shown[] } {
  switch (action?.$case) {
    case 'say':
      return showMessage(action.value.message)
    case 'chooseLanguage':
      return { lines: [`(language: ${action.value.language})`], choices: [] }
    case 'handOver':
      return { lines: [`(handed over to people: queue ${action.value.queue})`], choices: [] }
    case 'end': {
      const message = showMessage(action.value.linkButton)
      return { lines: [...message.lines, '(the conversation ends)'], choices: [] }
    }
    case undefined:
      return { lines: [], choices: [] }
    default:
      return unreachable(action)
  }
}

function showMessage(message: MessageBody | undefined): { lines: string[]; choices: Shown[] } {
  const body = message?.body
  switch (body?.$case) {
    case 'text':
      return { lines: bubble(body.value.text), choices: [] }
    case 'buttons':
      return {
        lines: [...bubble(body.value.text), ...numbered(body.value.buttons)],
        choices: body.value.buttons,
      }
    case 'list': {
      const rows = body.value.sections.flatMap((section) => section.rows)
      return { lines: [...bubble(body.value.text), ...numbered(rows)], choices: rows }
    }
    case 'linkButton':
      return {
        lines: [
          ...bubble(body.value.text),
          `   [${body.value.displayText}] ${body.value.url || '(the link to the transcript)'}`,
        ],
        choices: [],
      }
    case 'media':
      return {
        lines: [...bubble(body.value.caption), `   [${body.value.type}] ${body.value.link}`],
        choices: [],
      }
    default:
      return { lines: [], choices: [] }
  }
}

const bubble = (text: string) => text.split('\n').map((line, index) => `${index === 0 ? '🤖' : '  '} ${line}`)
const numbered = (choices: readonly (Shown & { description?: string })[]) =>
  choices.map(
    ({ title, description }, index) => `   [${index + 1}] ${title}${description ? `: ${description}` : ''}`,
  )
