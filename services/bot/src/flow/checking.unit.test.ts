import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkFlow } from './checking.ts'
import { formatProblem } from './problem.ts'

const FLOWS = join(import.meta.dirname, '../../../../config/flows')

/** A good flow, whose lines the tests spoil. */
const GOOD = `flow: test
version: 1
people: { queue: general }
steps:
  hello:
    say:
      text: { pt: Oi, en: Hi, bn: নমস্কার }
  name:
    ask:
      type: text
      into: name
      text: { pt: Nome?, en: Name?, bn: নাম? }
  kind:
    ask:
      type: choice
      into: kind
      text: { pt: Qual?, en: Which?, bn: কোনটি? }
      options:
        - { id: card, title: { pt: Cartão, en: Card, bn: কার্ড }, goto: bye }
        - { id: other, title: { pt: Outro, en: Other, bn: অন্য } }
  bye:
    end:
      text: { pt: 'Tchau, {{name}}', en: 'Bye, {{name}}', bn: 'বিদায়, {{name}}' }
`
const problemsOf = (source: string) => {
  const { problems, warnings } = checkFlow('test.yaml', source)
  return [...problems, ...warnings].map(formatProblem).join('\n')
}
const spoilt = (from: string | RegExp, to: string) => {
  const source = GOOD.replace(from, to)
  expect(source).not.toBe(GOOD)
  return problemsOf(source)
}

test.each(globSync('**/*.yaml', { cwd: FLOWS }))('%s, as it is shipped, has nothing wrong', (file) => {
  const { problems, warnings } = checkFlow(file, readFileSync(join(FLOWS, file), 'utf8'))
  expect([...problems, ...warnings]).toEqual([])
})

describe('a flow file that is wrong says where, what and how', () => {
  test('the good one has no problems', () => {
    expect(problemsOf(GOOD)).toBe('')
  })
  test('no YAML', () => {
    expect(spoilt('  hello:', '  hello: [')).toMatchInlineSnapshot(`
      "test.yaml:7:7 NOT_YAML Block collections are not allowed within flow collections: a bracket is left open, or a text with a colon stands without quotes
      test.yaml:8:3 NOT_YAML Flow sequence in block collection must be sufficiently indented and end with a ]"
    `)
  })
  test('a key twice', () => {
    expect(spoilt('  name:\n', '  hello:\n')).toMatchInlineSnapshot(
      `"test.yaml:8:3 NOT_YAML Map keys must be unique"`,
    )
  })
  test('an unknown step, with the one that was meant', () => {
    expect(spoilt('goto: bye', 'goto: bey')).toMatchInlineSnapshot(
      `"test.yaml:19:67 UNKNOWN_STEP there is no step "bey"; did you mean "bye"?"`,
    )
  })
  test('an unknown kind of step', () => {
    expect(spoilt('    say:', '    sya:')).toMatchInlineSnapshot(
      `"test.yaml:6:5 WRONG_SHAPE "sya" is no kind of step; did you mean "say"?"`,
    )
  })
  test('a step that does two things', () => {
    expect(spoilt('    say:', '    goto: bye\n    say:')).toMatchInlineSnapshot(
      `"test.yaml:7:5 WRONG_SHAPE a step does one thing; this one says goto and say"`,
    )
  })
  test('a missing translation', () => {
    expect(spoilt('{ pt: Oi, en: Hi, bn: নমস্কার }', '{ pt: Oi, en: Hi }')).toMatchInlineSnapshot(
      `"test.yaml:7:7 MISSING_TRANSLATION the text in "bn" is missing; every text is written in pt, en, bn"`,
    )
  })
  test('a text in no language', () => {
    expect(spoilt('{ pt: Oi, en: Hi, bn: নমস্কার }', 'Oi')).toMatchInlineSnapshot(
      `"test.yaml:7:7 WRONG_SHAPE "text" is written once for each language: pt, en, bn"`,
    )
  })
  test('a language that is misspelt', () => {
    expect(spoilt('{ pt: Oi, en: Hi, bn: নমস্কার }', '{ pt: Oi, em: Hi, bn: নমস্কার }')).toMatchInlineSnapshot(`
      "test.yaml:7:7 MISSING_TRANSLATION the text in "en" is missing; every text is written in pt, en, bn
      test.yaml:7:23 WRONG_SHAPE "em" is not known here; did you mean "en"?"
    `)
  })
  test('a type of question that there is not', () => {
    expect(spoilt('type: text', 'type: phone')).toMatchInlineSnapshot(
      `"test.yaml:10:7 WRONG_SHAPE "type" of a question is one of: text, digits, number, date, choice, cpf, email"`,
    )
    expect(spoilt('type: text', 'type: digit')).toContain('choice, cpf, email; did you mean "digits"?')
  })
  test('an unknown word', () => {
    expect(spoilt('into: name', 'into: name\n      retreis: 3')).toMatchInlineSnapshot(
      `"test.yaml:12:7 WRONG_SHAPE "retreis" is not known here; did you mean "retries"?"`,
    )
  })
  test('a step that nothing leads to', () => {
    expect(
      spoilt(
        '        - { id: other, title: { pt: Outro, en: Other, bn: অন্য } }\n',
        '        - { id: other, title: { pt: Outro, en: Other, bn: অন্য }, goto: bye }\n  lost:\n    goto: bye\n',
      ),
    ).toMatchInlineSnapshot(`"test.yaml:21:3 UNREACHABLE_STEP no way leads to the step "lost""`)
  })
  test('a last step that leads nowhere', () => {
    expect(problemsOf(GOOD.replace(/ {2}bye:[^]*$/, '').replace(', goto: bye', ''))).toMatchInlineSnapshot(
      `"test.yaml:13:3 NO_WAY_ON nothing comes after "kind", the last step: give it a next, or end the flow with end or hand_over"`,
    )
  })
  test('a variable that no step sets', () => {
    expect(spoilt('{{name}}', '{{nmae}}')).toMatchInlineSnapshot(
      `"test.yaml:23:15 UNKNOWN_VARIABLE no step sets "nmae"; did you mean "name"?"`,
    )
  })
  test('a variable in the braces of other files', () => {
    expect(spoilt("pt: 'Tchau, {{name}}'", "pt: 'Tchau, {name}'")).toMatchInlineSnapshot(`
      "test.yaml:23:15 BAD_TEMPLATE a variable is written {{name}}
      test.yaml:23:15 warning UNEVEN_TRANSLATION {{name}} is shown in en and bn, and not here (pt)"
    `)
    expect(spoilt("pt: 'Tchau, {{name}}'", "pt: 'Tchau {;}, {{name}}'")).toBe('')
  })
  test('a variable that one language does not show is warned of', () => {
    expect(spoilt("en: 'Bye, {{name}}'", 'en: Bye')).toMatchInlineSnapshot(
      `"test.yaml:23:38 warning UNEVEN_TRANSLATION {{name}} is shown in pt and bn, and not here (en)"`,
    )
  })
  test('an answer that is compared with what it cannot be', () => {
    const branching = (when: string) =>
      spoilt(
        '  bye:\n',
        `  way:\n    branch:\n      - when: ${when}\n        goto: bye\n      - goto: bye\n  bye:\n`,
      )
    expect(branching('{ variable: kind, equals: crad }')).toMatchInlineSnapshot(
      `"test.yaml:23:9 WRONG_SHAPE "crad" is no option of "kind"; did you mean "card"?"`,
    )
    expect(branching('{ not: { variable: kind, in: [card, x] } }')).toMatchInlineSnapshot(
      `"test.yaml:23:17 WRONG_SHAPE "x" is no option of "kind"; there are: card, other"`,
    )
    expect(branching('{ variable: kind, in: [card, other] }')).toBe('')
    expect(branching('{ variable: name, equals: anything }')).toBe('')
    expect(branching('{ variable: kind, greater: 2.5 }'), 'stars of 1 to 5').toBe('')
    const asked = (type: string, when: string) =>
      problemsOf(
        GOOD.replace('type: text', `type: ${type}`).replace(
          '  bye:\n',
          `  way:\n    branch:\n      - when: ${when}\n        goto: bye\n      - goto: bye\n  bye:\n`,
        ),
      )
    expect(asked('number', '{ variable: name, greater: dez mil }')).toContain(
      'WRONG_SHAPE "name" is asked as a number, and "dez mil" is none',
    )
    expect(asked('date', '{ variable: name, greater: 10 }')).toContain(
      'WRONG_SHAPE "name" is asked as a date, and "10" is no day such as 2026-11-20',
    )
    expect(asked('number', '{ variable: name, greater: -0.5 }')).toBe('')
    expect(asked('date', '{ variable: name, greater: 2026-11-20 }')).toBe('')
  })
  test('bounds between which no answer lies', () => {
    const bounded = (type: string) => spoilt('type: text', type)
    expect(bounded('type: number\n      min: 5\n      max: 1')).toMatchInlineSnapshot(
      `"test.yaml:11:7 WRONG_SHAPE no answer lies between "min" (5) and "max" (1)"`,
    )
    expect(bounded('type: date\n      not_before: 2028-01-01\n      not_after: 2027-01-01')).toContain(
      'no answer lies between "not_before" (2028-01-01) and "not_after" (2027-01-01)',
    )
    expect(bounded('type: text\n      min_length: 9\n      max_length: 3')).toContain(
      'no answer lies between',
    )
    expect(bounded('type: date\n      not_before: today\n      not_after: 2027-01-01')).toBe('')
    expect(bounded('type: number\n      min: 5\n      max: 5')).toBe('')
  })
  test('a first step that there is not makes nothing else unreachable', () => {
    expect(spoilt('steps:', 'start: begin\nsteps:')).toMatchInlineSnapshot(
      `"test.yaml:4:1 UNKNOWN_STEP there is no step "begin""`,
    )
  })
  test('a tab, and nothing of what stands behind it', () => {
    expect(spoilt('    say:', '\tsay:')).toMatchInlineSnapshot(
      `"test.yaml:6:1 NOT_YAML Tabs are not allowed as indentation"`,
    )
  })
  test('a path of an answer that is none', () => {
    const calling = (field: string) =>
      spoilt(
        '  bye:\n',
        `  ask:\n    call: { url: 'https://example.com', save: { a: ${field} }, fallback: bye }\n  bye:\n`,
      )
    expect(calling('bill..amount')).toContain('WRONG_SHAPE "bill..amount" is no path')
    expect(calling('items.0.id')).toBe('')
  })
  test('an address with a variable', () => {
    expect(
      spoilt('bn: নমস্কার }', "bn: নমস্কার }\n      link: { title: { pt: A, en: A, bn: A }, url: '{{name}}' }"),
    ).toMatchInlineSnapshot(
      `"test.yaml:8:47 BAD_TEMPLATE no variable may stand here: whoever taps must know where it leads"`,
    )
  })
  test('a button title that is too long, counted as WhatsApp counts, and one with a variable', () => {
    expect(spoilt('en: Card,', "en: 'Card that I have lost', ")).toMatchInlineSnapshot(
      `"test.yaml:19:44 WHATSAPP_LIMIT the button title has 21 characters, WhatsApp takes 20 (en)"`,
    )
    expect(spoilt('en: Card,', "en: 'Card that I lost 👍👍', ")).toBe('')
    expect(spoilt('en: Card,', "en: '{{name}}', ")).toMatchInlineSnapshot(
      `"test.yaml:19:44 BAD_TEMPLATE no variable may stand here: its length is not known beforehand"`,
    )
  })
  test('a text that is too long for buttons', () => {
    expect(spoilt('pt: Qual?', `pt: ${'x'.repeat(1025)}`)).toMatchInlineSnapshot(
      `"test.yaml:17:15 WHATSAPP_LIMIT the text has 1025 characters, WhatsApp takes 1024 (pt)"`,
    )
  })
  test('eleven options', () => {
    const rows = Array.from(
      { length: 10 },
      (_, index) => `        - { id: o${index}, title: { pt: O${index}, en: O${index}, bn: O${index} } }\n`,
    ).join('')
    expect(spoilt('        - { id: other', `${rows}        - { id: other`)).toMatchInlineSnapshot(
      `"test.yaml:18:7 WHATSAPP_LIMIT 12 rows, WhatsApp takes 1 to 10"`,
    )
  })
  test('two options of one name', () => {
    expect(spoilt('id: other', 'id: card')).toMatchInlineSnapshot(
      `"test.yaml:18:7 WHATSAPP_LIMIT the button id "card" stands twice"`,
    )
  })
  test('an id that two questions share', () => {
    const again =
      '  again:\n    ask:\n      type: choice\n      into: more\n      text: { pt: a, en: a, bn: a }\n      options: [{ id: card, title: { pt: a, en: a, bn: a } }]\n  bye:'
    expect(spoilt('  bye:', again)).toMatchInlineSnapshot(
      `"test.yaml:26:19 ID_USED_TWICE "card" is an option of "kind" too: a tap on that older button would answer this question"`,
    )
  })
  test('an option that may be taken for another', () => {
    const option = (words: string) =>
      spoilt('{ id: other, title: { pt: Outro, en: Other, bn: অন্য } }', `{ id: other, ${words} }`)
    expect(option('title: { pt: CARTÃO!, en: Other, bn: অন্য }')).toBe(
      'test.yaml:20:33 warning AMBIGUOUS_OPTION "CARTÃO!" is said of "card" too: who types it is asked again (pt)',
    )
    expect(option('title: { pt: Outro, en: Other, bn: অন্য }, words: { en: [1, card] }')).toContain(
      'WRONG_SHAPE',
    )
    expect(
      option("title: { pt: Outro, en: Other, bn: অন্য }, words: { en: ['1'], pt: [card], bn: ['👍'] }"),
    ).toBe(
      [
        'test.yaml:20:81 warning AMBIGUOUS_OPTION "1" is the number of "card" in this list (en)',
        'test.yaml:20:104 warning AMBIGUOUS_OPTION "👍" has no letter or digit: nobody can type it (bn)',
      ].join('\n'),
    )
    expect(option('title: { pt: Um, en: Other, bn: অন্য }')).toBe(
      'test.yaml:20:33 warning AMBIGUOUS_OPTION "Um" is the number of "card" in this list (pt)',
    )
    expect(option('title: { pt: Cancelar, en: Other, bn: অন্য }')).toBe(
      'test.yaml:20:33 warning AMBIGUOUS_OPTION "Cancelar" stops all messages when it is typed: say what the option does (pt)',
    )
    expect(
      problemsOf(
        GOOD.replace('pt: Cartão, en: Card,', 'pt: Confirmar, en: Confirm,').replace(
          'pt: Outro, en: Other,',
          'pt: Corrigir, en: Correct,',
        ),
      ),
    ).toBe(
      'test.yaml:20:47 warning AMBIGUOUS_OPTION "Correct" reads as a yes, and so does "Confirm": say what it does, as "Change something" (en)',
    )
  })
  test('labels that may be mistaken are warned of, and the flow is played all the same', () => {
    const { flow, problems, warnings } = checkFlow('test.yaml', GOOD.replace('pt: Outro', 'pt: Cancelar'))
    expect({ id: flow?.id, problems, warned: warnings.map(({ code }) => code) }).toEqual({
      id: 'test',
      problems: [],
      warned: ['AMBIGUOUS_OPTION'],
    })
  })
  test('an irreversible question without a way back, and one that is no choice', () => {
    expect(
      spoilt(
        '        - { id: other, title: { pt: Outro, en: Other, bn: অন্য } }\n',
        '      irreversible: true\n',
      ),
    ).toMatchInlineSnapshot(
      `"test.yaml:20:7 WRONG_SHAPE a question before something irreversible needs an option that turns back"`,
    )
    expect(spoilt('into: name', 'into: name\n      irreversible: true')).toMatchInlineSnapshot(
      `"test.yaml:12:7 WRONG_SHAPE "irreversible" is not known here"`,
    )
  })
  test('steps that go round', () => {
    expect(spoilt('  name:', '  round:\n    goto: hello\n  name:')).toMatchInlineSnapshot(`
      "test.yaml:5:3 ENDLESS_LOOP from "hello" the flow comes back to it without asking anything
      test.yaml:8:3 ENDLESS_LOOP from "round" the flow comes back to it without asking anything
      test.yaml:10:3 UNREACHABLE_STEP no way leads to the step "name"
      test.yaml:15:3 UNREACHABLE_STEP no way leads to the step "kind"
      test.yaml:23:3 UNREACHABLE_STEP no way leads to the step "bye""
    `)
  })
  test('a pattern that is none', () => {
    expect(spoilt('into: name', "into: name\n      matches: '(a'")).toMatchInlineSnapshot(
      `"test.yaml:12:7 BAD_PATTERN the pattern cannot be used: error parsing regexp: missing closing ): \`(a\`"`,
    )
  })
  test('a pattern whose repeats come to more than each message is to be held against', () => {
    expect(spoilt('into: name', "into: name\n      matches: '(x.{0,30}){0,30}'")).toMatchInlineSnapshot(
      `"test.yaml:12:7 BAD_PATTERN the pattern cannot be used: its repeats come to 1922 steps, which each message would be held against: write * or +, or smaller numbers"`,
    )
    expect(problemsOf(GOOD.replace('into: name', 'into: name\n      matches: "[0-9]{11,14}"'))).toBe('')
  })
  test('conditions', () => {
    const branch = (when: string) =>
      spoilt(
        '  bye:',
        `  way:\n    branch:\n      - when: ${when}\n        goto: bye\n      - goto: name\n  bye:`,
      )
    expect(branch('{ variable: kind, equals: card, in: [card] }')).toMatchInlineSnapshot(
      `"test.yaml:23:9 WRONG_SHAPE "when": a condition says exactly one of equals, in, greater, matches, and, or, not; this one says equals and in"`,
    )
    expect(branch('{ equals: card }')).toMatchInlineSnapshot(
      `"test.yaml:23:9 WRONG_SHAPE "when": "equals" needs a "variable" to look at"`,
    )
    expect(branch('{ not: { variable: kynd, equals: card } }')).toMatchInlineSnapshot(
      `"test.yaml:23:17 UNKNOWN_VARIABLE no step sets "kynd"; did you mean "kind"?"`,
    )
    expect(branch('{ variable: kind, equal: card }')).toMatchInlineSnapshot(`
      "test.yaml:23:9 WRONG_SHAPE "when": a condition says exactly one of equals, in, greater, matches, and, or, not; this one says none
      test.yaml:23:33 WRONG_SHAPE "equal" is not known here; did you mean "equals"?"
    `)
  })
  test('a branch without a way for all else', () => {
    expect(
      spoilt(
        '  bye:',
        '  way:\n    branch:\n      - { when: { variable: kind, equals: card }, goto: name }\n  bye:',
      ),
    ).toMatchInlineSnapshot(
      `"test.yaml:23:9 NO_WAY_ON the last way of a branch has no "when": it is for all else"`,
    )
  })
  test('a call whose server a customer could choose, and secrets that were not allowed', () => {
    const call = (url: string) =>
      spoilt('  bye:', `  call:\n    call: { url: '${url}', fallback: bye }\n  bye:`)
    const unfixed =
      'test.yaml:22:13 BAD_ADDRESS the address begins with http:// or https:// and a server written out, or with {{env.FLOW_…}}; variables come behind the first /, ? or #'
    for (const url of [
      'https://{{name}}.example.com/x',
      'https://example.com{{name}}',
      'https://example.com:{{name}}/',
      'https://example.com\\{{name}}',
      'https://bank@example.com/',
      '{{name}}/x',
      'ftp://example.com',
      'https:///x',
    ])
      expect(call(url)).toBe(unfixed)
    expect(call('https://example.com/cards/../{{name}}')).toBe(
      'test.yaml:22:13 BAD_ADDRESS the address has a part "." or ".." in its path: write the path that is meant',
    )
    expect(call('https://example.com/{{env.FLOW_KEY}}')).toMatchInlineSnapshot(
      `"test.yaml:22:13 BAD_TEMPLATE FLOW_KEY is not among the names under "env" of this flow"`,
    )
    expect(call('https://example.com/{{name}}?q={{kind}}')).toBe('')
    expect(call('https://example.com/{name}')).toContain('BAD_TEMPLATE a variable is written {{name}}')
  })
  test('what a call sends may have braces of its own, though a variable is called so', () => {
    const call = (sends: string) =>
      spoilt('  bye:', `  call:\n    call: { url: 'https://example.com', fallback: bye, ${sends} }\n  bye:`)
    expect(call(`method: POST, body: { query: 'query { name }' }`)).toBe('')
    expect(call(`headers: { x-query: '{ name }' }`)).toBe('')
  })
  test('a call to a private address that the flow does not name', () => {
    const call = (url: string, list = '') =>
      problemsOf(
        GOOD.replace('version: 1', `version: 1\nprivate_hosts: [${list}]`).replace(
          '  bye:',
          `  call:\n    call: { url: '${url}', fallback: bye }\n  bye:`,
        ),
      )
    const refused =
      'test.yaml:23:13 BAD_ADDRESS the address is one of a private network: name its host under "private_hosts" of this flow if it is meant'
    for (const host of [
      '10.1.2.3',
      '127.0.0.1:8080',
      '169.254.169.254',
      '2130706433',
      '[::1]',
      '[fd00::7]',
      'localhost',
      'localhost.',
    ])
      expect(call(`http://${host}/x`)).toBe(refused)
    expect(call('http://10.1.2.3/x', '10.1.0.0/16')).toBe('')
    expect(call('http://10.1.2.3/x', '10.2.0.0/16, 10.1.2.4')).toBe(refused)
    expect(call('http://[fd00::7]/x', '"FD00::7"')).toBe('')
    expect(call('http://localhost:80/x', 'localhost')).toBe('')
    expect(call('https://example.com/x', '10.0.0.0/99')).toBe(
      'test.yaml:3:17 WRONG_SHAPE "0": a private host is a name, an address, or a network as 10.20.0.0/16',
    )
  })
  test('a value of the environment that is no server, or a private one, where values are known', () => {
    const source = GOOD.replace('version: 1', 'version: 1\nenv: [FLOW_CARDS]').replace(
      '  bye:',
      "  call:\n    call: { url: '{{env.FLOW_CARDS}}/x', fallback: bye }\n  bye:",
    )
    const problems = (environment: Record<string, string>) =>
      checkFlow('test.yaml', source, environment).problems.map(formatProblem).join('\n')
    expect(problems({})).toBe('')
    expect(problems({ FLOW_CARDS: 'https://cards.example.com/v1' })).toBe('')
    expect(problems({ FLOW_CARDS: 's3cret' })).toBe(
      'test.yaml:23:13 BAD_ADDRESS the address begins with FLOW_CARDS, whose value is no http:// or https:// and a server',
    )
    expect(problems({ FLOW_CARDS: 'http://192.168.0.1' })).toMatch(/23:13 BAD_ADDRESS .*private network/)
  })
  test('an environment name that is not for flows', () => {
    expect(spoilt('version: 1', 'version: 1\nenv: [MONGODB_URI]')).toMatchInlineSnapshot(
      `"test.yaml:3:7 WRONG_SHAPE "0": only names that begin with FLOW_ may be used in a flow"`,
    )
    expect(spoilt('en: Card,', "en: '{{opening.general}}', ")).toContain('may be used in texts only')
    expect(spoilt('pt: Oi', "pt: '{{opening.general}}'")).not.toContain('BAD_TEMPLATE')
    expect(spoilt('pt: Oi', "pt: '{{env.FLOW_KEY}}'")).toMatchInlineSnapshot(
      `"test.yaml:7:15 BAD_TEMPLATE {{env.FLOW_KEY}} may be used in calls only"`,
    )
  })
  test('hours of a week beside buttons are reckoned with all that they may take', () => {
    expect(spoilt('pt: Qual?', "pt: '{{opening.general}} Qual?'")).not.toContain('WHATSAPP_LIMIT')
    expect(spoilt('pt: Qual?', `pt: '{{opening.general}} ${'Qual? '.repeat(30)}'`)).toContain(
      'WHATSAPP_LIMIT',
    )
  })
  test('all at once, in the order of the file', () => {
    const source = GOOD.replace('version: 1', 'version: one')
      .replace('type: text', 'type: tekst')
      .replace('goto: bye', 'goto: by')
    expect(problemsOf(source)).toMatchInlineSnapshot(`
      "test.yaml:2:1 WRONG_SHAPE "version": expected number, received string
      test.yaml:10:7 WRONG_SHAPE "type" of a question is one of: text, digits, number, date, choice, cpf, email; did you mean "text"?
      test.yaml:19:67 UNKNOWN_STEP there is no step "by"; did you mean "bye"?"
    `)
  })
  test.each([
    '',
    '- a',
    'flow: x',
    'steps: 3',
    '&a [*a]',
    '{',
    'null',
    'steps: { a: , b: [] }',
    'steps: { a: { say: &x { text: *x } } }',
  ])('%j is refused without a crash', (source) => {
    expect(checkFlow('test.yaml', source).problems.length).toBeGreaterThan(0)
  })
})
