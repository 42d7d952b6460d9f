// @peculiar/x509 wants it before itself.
import 'reflect-metadata'
import { X509Certificate, randomBytes } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

const DAY_MS = 24 * 60 * 60 * 1000
const GOOD_FOR_DAYS = 365
const RENEWED_DAYS = 60
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** PEM of a certificate: is it time for another one? */
export const endsSoon = (pem: string): boolean =>
  new X509Certificate(pem).validToDate.getTime() - Date.now() < RENEWED_DAYS * DAY_MS

export interface Certificates {
  /** PEM of the authority, which signs for nobody after this. */
  readonly authority: string
  /** Of a caller by gRPC, which is also the host name by which Compose knows it. PEM, the key as PKCS #8. */
  of(caller: string): Promise<{ readonly certificate: string; readonly key: string }>
}

/** An authority of one use, and certificates for both ends of mutual TLS. docs/reference/grpc-access.md */
export const certificates = async (): Promise<Certificates> => {
  const pair = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const serialNumber = () => randomBytes(16).toString('hex')
  const notBefore = new Date(Date.now() - DAY_MS)
  const notAfter = new Date(Date.now() + GOOD_FOR_DAYS * DAY_MS)
  const keys = await pair()
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Parley of this Compose project',
    serialNumber: serialNumber(),
    notBefore,
    notAfter,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
    ],
  })
  return {
    authority: authority.toString('pem'),
    of: async (caller) => {
      const own = await pair()
      const certificate = await X509CertificateGenerator.create({
        subject: `CN=${caller}`,
        issuer: authority.subject,
        serialNumber: serialNumber(),
        notBefore,
        notAfter,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
          new SubjectAlternativeNameExtension([
            { type: 'dns', value: caller },
            { type: 'url', value: `spiffe://parley/${caller}` },
          ]),
        ],
      })
      const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', own.privateKey))
      const body = der.toString('base64').replaceAll(/.{1,64}/g, '$&\n')
      return {
        certificate: certificate.toString('pem'),
        key: `-----BEGIN PRIVATE KEY-----\n${body}-----END PRIVATE KEY-----\n`,
      }
    },
  }
}
