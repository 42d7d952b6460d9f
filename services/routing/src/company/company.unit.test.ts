import { readFileSync } from 'node:fs'
import { ConfigFileInvalid } from '@parley/authoring/config-file'
import { consentWishOf, waitWishOf } from '@parley/conversation'
import { MessageBody } from '@parley/proto/content'
import { QueueConfiguration, QueueTexts } from '@parley/proto/workforce-configuration'
import { describe, expect, test } from 'vitest'
import { policyOf, readCompany, takenOverBy } from './company.ts'

const example = readFileSync(new URL('../../../../config/company.yaml', import.meta.url), 'utf8')
const timeouts = { botTurnTimeoutSeconds: 45, silenceTimeoutSeconds: 1800, endingTimeoutSeconds: 60 }
const policyFor = (source: string) => policyOf(readCompany(source, 'company.yaml'), timeouts)
const problems = (source: string): string => {
  try {
    readCompany(source, 'company.yaml')
    return ''
  } catch (error) {
    return error instanceof ConfigFileInvalid ? error.message : 'another error'
  }
}

describe('the privacy notice', () => {
  test.each(['pt', 'en', 'bn'] as const)(
    'in %s names every processor, the robot’s company and the word that stops',
    (language) => {
      const text = policyFor(example).notice.text[language]
      for (const name of ['Banco Aurora', 'Meta (WhatsApp Cloud API)', 'Aurora Data Center'])
        expect(text).toContain(name)
      const stop = { pt: 'PARAR', en: 'STOP', bn: 'বন্ধ' }[language]
      expect(text).toContain(stop)
      const message = MessageBody.fromPartial({ body: { $case: 'text', value: { text: stop } } })
      expect(consentWishOf(message)?.wish).toBe('stop')
      expect(text).not.toMatch(/[{}]/)
      expect(text.length).toBeLessThan(1024)
    },
  )

  test('has another version as soon as a processor or a word changes', () => {
    const version = policyFor(example).notice.version
    expect(policyFor(example).notice.version).toBe(version)
    expect(policyFor(example.replace('Aurora Data Center', 'Another Data Center')).notice.version).not.toBe(
      version,
    )
    expect(policyFor(example.replace('role: hosting', 'role: ai_vendor')).notice.version).not.toBe(version)
    expect(policyFor(example.replace('Olá!', 'Oi!')).notice.version).not.toBe(version)
  })
})

test.each(['pt', 'en', 'bn'] as const)('in %s all that is said to who waits is filled in', (language) => {
  const { notice, ...texts } = policyFor(example).waiting[language]
  expect(notice.match(/\{.*?\}/g)).toEqual(['{now}'])
  expect(Object.values(texts).join()).not.toMatch(/[{}]/)
  const taken = takenOverBy(readCompany(example, 'company.yaml'), 'Ana')![language]
  expect(taken).toContain('Ana')
  expect(taken).not.toMatch(/[{}]/)
})

test('who went silent gets the words for it, or where the company has none those of any end', () => {
  const words = /^    silence_link: .*\n/gm
  expect(policyFor(example).silenceLink?.pt.text).toContain('ficou pela metade')
  const { link, silenceLink } = policyFor(example.replaceAll(words, ''))
  expect(silenceLink).toEqual(link)
  // Words that are too long are one fault, of the line that the file has.
  const long = example.replace(/^(    transcript_link: ).*$/m, `$1${'x'.repeat(1025)}`)
  const faults = (source: string) => problems(source).match(/texts\.pt\.\w+(?=: 1025 )/g)
  expect([faults(long), faults(long.replaceAll(words, ''))]).toEqual([
    ['texts.pt.transcript_link'],
    ['texts.pt.transcript_link'],
  ])
})

test('who takes over is not said where the company does not want it', () => {
  const quiet = readCompany(
    example.replace('tell_agent_names: true', 'tell_agent_names: false'),
    'company.yaml',
  )
  expect(takenOverBy(quiet, 'Ana')).toBeUndefined()
})

test('the buttons under the closed notice choose what they say, tapped or typed', () => {
  for (const { callBackButton, leaveButton } of Object.values(policyFor(example).waiting)) {
    const typed = (text: string) =>
      waitWishOf(MessageBody.fromPartial({ body: { $case: 'text', value: { text } } }))
    expect([typed(callBackButton), typed(leaveButton)]).toEqual(['call_back', 'leave'])
  }
})

const lineOf = (words: string): number => example.slice(0, example.indexOf(words)).split('\n').length

test('how long the robot leaves the chat to whoever writes in the app is theirs to say, half an hour where they do not', () => {
  const silenceOf = (source: string) => policyFor(source).robotSilenceSeconds
  expect(silenceOf(example.replace('robot_silent_minutes: 30', ''))).toBe(30 * 60)
  expect(silenceOf(example.replace('robot_silent_minutes: 30', 'robot_silent_minutes: 0'))).toBe(0)
  expect(problems(example.replace('robot_silent_minutes: 30', 'robot_silent_minutes: 1.5'))).toContain(
    'robot_silent_minutes: a whole number of minutes',
  )
})

describe('what is wrong is named with its line and column', () => {
  test.each([
    [
      'hours, which are those of the queues',
      example.replace('default_queue:', 'hours: { monday: 09:00-18:00 }\ndefault_queue:'),
      'company.yaml:8:1: hours:',
    ],
    [
      'a key that is missing',
      example.replace('default_queue: general', ''),
      'company.yaml:3:1: default_queue:',
    ],
    [
      'a zone that is none',
      example.replace('America/Sao_Paulo', 'America/Brasilia'),
      'company.yaml:5:11: timezone:',
    ],
    [
      'a role that is none',
      example.replace('role: hosting', 'role: boss'),
      `company.yaml:${lineOf('role: hosting')}:11: processors.1.role:`,
    ],
    [
      'no channel',
      example.replace('role: channel', 'role: hosting'),
      `company.yaml:${lineOf('- role: channel')}:3: processors: one of them must have the role channel`,
    ],
    [
      'a notice that does not list the processors',
      example.replace('{processors}\n\n      Por', 'x\n\n      Por'),
      'texts.pt.privacy_notice: it must say {processors}',
    ],
    [
      'a placeholder that stands for nothing',
      example.replace('{now} O que', '{now} {hour} O que'),
      '{hour} stands for nothing here',
    ],
    [
      'a button that is too long',
      example.replace('Ver o registro', 'Ver o registro da conversa'),
      'texts.pt.transcript_link_button: a button of WhatsApp has at most 20',
    ],
    ['no YAML', `${example}\n: : -`, `company.yaml:${example.split('\n').length + 1}:`],
  ])('%s', (_, source, words) => expect(problems(source)).toContain(words))
})

test('a queue says in its own words what it has words for, the rest in the company’s', () => {
  const company = readCompany(example, 'company.yaml')
  const own = QueueTexts.fromPartial({ language: 'en', closedChoice: 'Shall {company} write to you?' })
  const texts = ['pt', 'en', 'bn'].map((language) => ({ ...own, language }))
  const queues = [
    QueueConfiguration.fromPartial({ name: 'branches', texts }),
    QueueConfiguration.fromPartial({ name: 'late', outsideHours: 'wait' }),
    QueueConfiguration.fromPartial({ name: 'general' }),
  ]
  const { waiting, waitingIn, reopenSeconds } = policyOf(company, timeouts, { queues, reopenSeconds: 60 })
  expect(reopenSeconds).toBe(60)
  expect(waitingIn).toEqual({
    branches: {
      texts: expect.objectContaining({
        en: { ...waiting.en, closed: `Shall ${company.name} write to you?` },
      }) as object,
      outsideHours: '',
    },
    late: { texts: waiting, outsideHours: 'wait' },
  })
  const taken = [QueueTexts.fromPartial({ language: 'en', takenOver: 'You talk to {agent} now.' })]
  expect(takenOverBy(company, 'Ana', taken)).toMatchObject({
    en: 'You talk to Ana now.',
    pt: takenOverBy(company, 'Ana')!.pt,
  })
})
