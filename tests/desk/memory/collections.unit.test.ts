import { isRepeat } from '@parley/eventlog'
import { expect, test } from 'vitest'
import { Collections } from './collections.ts'

async function filled() {
  const collection = new Collections().collection('things')
  await collection.insertOne({ _id: 'a', at: 1, stage: { name: 'waiting' }, tags: [{ name: 'x' }] })
  await collection.insertOne({ _id: 'b', at: 2, stage: { name: 'closed' }, gone: null })
  return collection
}
const found = async (query: object) => {
  const documents = await (
    await filled()
  )
    .find(query as never)
    .sort({ at: -1 })
    .toArray()
  return documents.map(({ _id }) => _id)
}

test.each([
  [{}, ['b', 'a']],
  [{ 'stage.name': 'waiting' }, ['a']],
  [{ 'stage.name': { $ne: 'closed' } }, ['a']],
  [{ _id: { $in: ['b', 'c'] } }, ['b']],
  [{ at: { $gt: 1 } }, ['b']],
  [{ at: { $lte: 1 } }, ['a']],
  [{ gone: null }, ['b', 'a']],
  [{ gone: { $exists: true } }, ['b']],
  [{ tags: { $elemMatch: { name: 'x' } } }, ['a']],
  [{ $or: [{ _id: 'a' }, { at: 2 }], $and: [{ at: { $lt: 2 } }] }, ['a']],
  [{ 'stage.name': { $regex: '^WAIT', $options: 'i' } }, ['a']],
])('collections in memory find as MongoDB does: %j', async (query, expected) => {
  expect(await found(query)).toEqual(expected)
})

test('what collections in memory do not know throws, instead of finding nothing', async () => {
  await expect(found({ at: { $mod: [2, 0] } })).rejects.toThrow('$mod')
  const collection = await filled()
  await expect(collection.updateOne({ _id: 'a' }, { $inc: { at: 1 } } as never)).rejects.toThrow('$inc')
})

test('a second document of one id is refused as a repeat, and the highest value is kept', async () => {
  const collection = await filled()
  await expect(collection.insertOne({ _id: 'a' })).rejects.toSatisfy(isRepeat)
  await collection.updateOne({ _id: 'a' }, { $max: { at: 0 }, $set: { seen: true } })
  await collection.updateOne({ _id: 'c' }, { $max: { at: 7 } }, { upsert: true })
  expect(await collection.findOne({ _id: 'a' })).toMatchObject({ at: 1, seen: true })
  expect(await collection.findOne({ _id: 'c' })).toEqual({ _id: 'c', at: 7 })
})
