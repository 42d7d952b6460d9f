import { COMMANDS, EVENTS, bareProcess, said } from './chain.ts'

const { produce, consume, ready } = await bareProcess('bot')

await consume(EVENTS, 'bot', async (records) => {
  const turns = records.filter(({ type }) => type === 'turn')
  if (turns.length > 0)
    await produce(
      COMMANDS,
      turns.map(({ contact, id }) => said('answer', contact, `answer:${id}`)),
    )
})
ready()
