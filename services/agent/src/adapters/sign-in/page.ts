import { type Language, acceptedLanguage } from '@parley/conversation'

/** Why somebody is not let in. */
export type SignInRefusal =
  | 'SIGN_IN_INVALID'
  | 'PERSON_UNKNOWN'
  | 'PERSON_DEACTIVATED'
  | 'TOO_MANY_SIGN_INS'
  | 'IDENTITY_UNAVAILABLE'

interface Texts extends Readonly<Record<SignInRefusal, string>> {
  readonly title: string
  readonly again: string
}

const TEXTS: Readonly<Record<Language, Texts>> = {
  pt: {
    title: 'Não foi possível entrar',
    again: 'Entrar de novo',
    SIGN_IN_INVALID: 'Esta entrada não vale mais: foi recusada, já foi usada ou começou em outro navegador.',
    PERSON_UNKNOWN: 'Sua conta não está cadastrada aqui. Fale com quem administra o Parley.',
    PERSON_DEACTIVATED: 'Sua conta está desativada. Fale com quem administra o Parley.',
    TOO_MANY_SIGN_INS: 'Há entradas demais em andamento na sua rede. Tente de novo em alguns minutos.',
    IDENTITY_UNAVAILABLE: 'O serviço de identidade não responde. Tente de novo em alguns instantes.',
  },
  en: {
    title: 'You could not be signed in',
    again: 'Sign in again',
    SIGN_IN_INVALID:
      'This sign-in is no longer good: it was refused, used before, or began in another browser.',
    PERSON_UNKNOWN: 'Your account is not known here. Speak to those who run Parley.',
    PERSON_DEACTIVATED: 'Your account is deactivated. Speak to those who run Parley.',
    TOO_MANY_SIGN_INS: 'Too many sign-ins are under way on your network. Try again in a few minutes.',
    IDENTITY_UNAVAILABLE: 'The identity service does not answer. Try again in a moment.',
  },
  bn: {
    title: 'প্রবেশ করা যায়নি',
    again: 'আবার প্রবেশ করুন',
    SIGN_IN_INVALID: 'এই প্রবেশ আর কার্যকর নয়: এটি প্রত্যাখ্যাত, আগে ব্যবহৃত, বা অন্য ব্রাউজারে শুরু হয়েছিল।',
    PERSON_UNKNOWN: 'আপনার অ্যাকাউন্ট এখানে নেই। যাঁরা Parley চালান তাঁদের সঙ্গে কথা বলুন।',
    PERSON_DEACTIVATED: 'আপনার অ্যাকাউন্ট নিষ্ক্রিয়। যাঁরা Parley চালান তাঁদের সঙ্গে কথা বলুন।',
    TOO_MANY_SIGN_INS: 'আপনার নেটওয়ার্ক থেকে একসঙ্গে অনেক বেশি প্রবেশের চেষ্টা চলছে। কয়েক মিনিট পরে আবার চেষ্টা করুন।',
    IDENTITY_UNAVAILABLE: 'পরিচয় সেবা সাড়া দিচ্ছে না। একটু পরে আবার চেষ্টা করুন।',
  },
}

/** For whoever comes back from the provider and is not let in. Needs no script and no file. */
export function refusalPage(code: SignInRefusal, acceptLanguage: string | undefined): string {
  const language = acceptedLanguage(acceptLanguage)
  const { title, again, [code]: why } = TEXTS[language]
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${title}</title><link rel="stylesheet" href="/console.css"></head>
<body><main><h1>${title}</h1><p>${why}</p><p><code>${code}</code></p><p><a href="/sign-in">${again}</a></p></main></body>
</html>
`
}
