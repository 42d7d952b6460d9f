import { MongoClient } from 'mongodb'
import { Kafka } from 'kafkajs'
import { expect, test } from 'vitest'
import { testKafka, testMongoUri } from './brokers.ts'

test('the integration tier has a broker that keeps what it acknowledged', async () => {
  const kafka = new Kafka({ brokers: testKafka(), clientId: 'brokers-test' })
  const admin = kafka.admin()
  await admin.connect()
  const topic = `brokers-test-${process.pid}`
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true })
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, acks: -1, messages: [{ value: 'oi' }] })
  await producer.disconnect()
  expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ partition: 0, high: '1' }])
  await admin.disconnect()
})

test('the integration tier has a MongoDB with transactions', async () => {
  await using client = await new MongoClient(testMongoUri()).connect()
  const counters = client.db('brokers_test').collection<{ _id: string; n: number }>('counters')
  await client.withSession((session) =>
    session.withTransaction(() =>
      counters.updateOne({ _id: 'a' }, { $set: { n: 1 } }, { upsert: true, session }),
    ),
  )
  expect(await counters.findOne({ _id: 'a' })).toEqual({ _id: 'a', n: 1 })
})
