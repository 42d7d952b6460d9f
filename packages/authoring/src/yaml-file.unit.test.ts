import { describe, expect, test } from 'vitest'
import { YamlFile } from './yaml-file.ts'

const file = new YamlFile(`name: Aurora
hours:
  monday: closed
  7: odd
steps:
  - say: hello
  - ask:
      into: x
`)

describe('a YAML file', () => {
  test.each([
    [['hours', 'monday'], 'key', { line: 3, column: 3 }],
    [['hours', 'monday'], 'value', { line: 3, column: 11 }],
    [['hours', 7], 'key', { line: 4, column: 3 }],
    [['steps', 1], 'value', { line: 7, column: 5 }],
    [['steps', 1, 'ask', 'into'], 'value', { line: 8, column: 13 }],
  ] as const)('knows where %j begins, by its %s', (path, by, place) => {
    expect(file.placeOf(path, by)).toEqual(place)
  })

  test.each([
    [['hours', 'sunday'], { line: 2, column: 1 }],
    [['steps', 5], { line: 5, column: 1 }],
    [['name', 'first'], { line: 1, column: 1 }],
    [['nowhere', 'at', 'all'], { line: 1, column: 1 }],
  ] as const)('places %j, which is missing, at what is around it', (path, place) => {
    expect(file.placeOf(path)).toEqual(place)
  })

  test('says where it is no YAML', () => {
    expect(new YamlFile('a: 1\nb: [1').errors[0]).toMatchObject({ line: 2 })
  })

  test('does not unfold aliases without bound', () => {
    const layers = Array.from({ length: 9 }, (_, index) =>
      index === 0
        ? 'a0: &a0 [x, x, x]'
        : `a${index}: &a${index} [*a${index - 1}, *a${index - 1}, *a${index - 1}]`,
    )
    expect(new YamlFile(layers.join('\n')).errors).toEqual([
      { line: 2, column: 10, message: expect.stringMatching(/alias/i) },
    ])
  })

  test('says where an alias stands for nothing', () => {
    expect(new YamlFile('a: &x 1\nb: *x\nc: [*x, *y]').errors).toEqual([
      { line: 3, column: 9, message: expect.stringContaining('y') },
    ])
    expect(new YamlFile('a: &x 1\nb: *x').errors).toEqual([])
  })

  test('finds a pattern in its texts, wherever they begin, and never in its comments', () => {
    const written = new YamlFile(
      `a: x {{one}} # {{no}}\n# {{no}}\nb: "{{two}}" # {{no}}\nc: | # {{no}}\n  first\n  {{three}}\nd: ['{{four}}']\n`,
    )
    expect(
      written.matches(/\{\{(\w+)\}\}/g).map(({ match, line, column }) => [match[1], line, column]),
    ).toEqual([
      ['one', 1, 6],
      ['two', 3, 5],
      ['three', 6, 3],
      ['four', 7, 6],
    ])
  })

  test('an empty one is there', () => {
    expect(new YamlFile('').content()).toBeNull()
    expect(new YamlFile('').placeOf(['name'])).toEqual({ line: 1, column: 1 })
  })
})
