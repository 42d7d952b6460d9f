import { expect, test } from 'vitest'
import { hostsOf } from './mongo-hosts.ts'

test.each([
  ['mongodb://127.0.0.1:27017', '127.0.0.1:27017'],
  ['mongodb://a:27017,b:27017/?replicaSet=rs0', 'a:27017,b:27017'],
  ['mongodb+srv://user:word@cluster.example.com/db', 'cluster.example.com'],
  ['mongodb://user:p@ss@host:1/', 'host:1'],
  ['mongodb://user:p/s?s@host:1,other:2/', 'host:1,other:2'],
  ['mongodb:///', 'the given address'],
])('of %s the hosts are shown, and nothing else', (uri, hosts) => {
  expect(hostsOf(uri)).toBe(hosts)
})
