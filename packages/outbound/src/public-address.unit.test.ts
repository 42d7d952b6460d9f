import { expect, test } from 'vitest'
import { isPublic } from './public-address.ts'

test.each(['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c', '::ffff:93.184.215.14'])(
  '%s is public',
  (address) => expect(isPublic(address)).toBe(true),
)

test.each([
  '0.0.0.0',
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '192.0.2.1',
  '192.168.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::10.0.0.1',
  '::ffff:10.0.0.1',
  '64:ff9b::10.0.0.1',
  'fc00::1',
  'fe80::1',
  'fe80::1%eth0',
  '2001:db8::1',
  '2002:a00:1::',
  '3fff::1',
  '4000::1',
  'localhost',
  '',
])('%j is not', (address) => expect(isPublic(address)).toBe(false))
