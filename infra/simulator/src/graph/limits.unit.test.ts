import { expect, test } from 'vitest'
import { metaPairRate, rateLimiter } from './limits.ts'
import { exampleTemplates, templateBook } from './templates.ts'

test('a number takes its rate and not more, and regains it with time', () => {
  const limiter = rateLimiter({ perSecond: 80, burst: 80 })
  const passed = Array.from({ length: 100 }, () => limiter.take('n', 0)).filter(Boolean)
  expect(passed).toHaveLength(80)
  expect(limiter.take('n', 12)).toBe(false)
  expect(limiter.take('n', 13)).toBe(true)
})

test('one customer gets a burst of 45, then one message in six seconds', () => {
  const limiter = rateLimiter(metaPairRate)
  for (let n = 0; n < 45; n += 1) expect(limiter.take('pair', 0)).toBe(true)
  expect(limiter.take('pair', 5_900)).toBe(false)
  expect(limiter.take('pair', 6_000)).toBe(true)
  expect(limiter.take('another', 5_900)).toBe(true)
})

test('a template is filled, or refused by name, language, count or shape of parameters', () => {
  const book = templateBook(exampleTemplates)
  const use = (name: string, code: string, ...texts: string[]) =>
    book.render({
      name,
      language: { code },
      components: [{ type: 'body', parameters: texts.map((text) => ({ type: 'text', text })) }],
    })
  expect(use('order_update', 'en_US', 'Ann')).toMatchObject({
    text: 'Hello Ann, there is news about your order.',
  })
  expect(use('order_update', 'en_US')).toMatchObject({ code: 132000 })
  expect(use('order_update', 'pt_BR', 'Ann')).toMatchObject({ code: 132001, httpStatus: 404 })
  expect(use('nobody_knows_it', 'en_US')).toMatchObject({ code: 132001 })
  for (const text of ['An\nn', 'An\tn', `An${' '.repeat(5)}n`])
    expect(use('order_update', 'en_US', text)).toMatchObject({ code: 100, httpStatus: 400 })
  expect(use('order_update', 'en_US', `An${' '.repeat(4)}n`)).toHaveProperty('text')
})
