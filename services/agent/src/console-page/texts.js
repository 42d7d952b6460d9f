/** Every text of the console in its three languages. A code that a language does not know is shown as it is. */
export const LANGUAGES = /** @type {const} */ (['pt', 'en', 'bn'])

/** @typedef {typeof LANGUAGES[number]} Language */

/** @type {Record<Language, string>} */
export const LOCALES = { pt: 'pt-BR', en: 'en-GB', bn: 'bn-BD' }

const en = {
  skip: 'Skip to who is waiting',
  language: 'Language',
  signOut: 'Sign out',
  notSignedOut: 'You may still be signed in: the service did not answer. Try again before you leave.',
  pageTitle: 'Console',
  connecting: 'connecting',
  live: 'live',
  secondsAgo: 'live · {time} ago',
  stopped: 'stopped',
  title: 'Conversations now',
  withRobot: 'With the robot',
  waitingForPeople: 'Waiting for an agent',
  ending: 'Ending',
  closedToday: 'Closed today',
  waitingList: 'Who is waiting, the longest first',
  nobodyWaits: 'Nobody is waiting for an agent.',
  conversation: 'Conversation',
  queue: 'Queue',
  reason: 'Reason',
  waitingFor: 'Waiting',
  more: '{count} more are waiting.',
  desk: 'Open the desk',
  places: 'Pages',
  wallboard: 'Wallboard',
  liveList: 'Live',
  figures: 'Figures',
  search: 'Search',
  judging: 'Judging',
  audit: 'Audit',
  privacy: 'This page shows no message text, names or phone numbers.',
  bannerStopped: 'The live stream has stopped. The numbers below are from {time}. Trying again by itself.',
  bannerNever: 'The live stream cannot be reached. There are no numbers yet. Trying again by itself.',
  bannerCatchingUp: 'The service is catching up with the log: the numbers below are of the past.',
  bannerStale: 'The records of {count} customers could not be read. What is shown of them is out of date.',
  'reason.requested': 'The customer asked for an agent',
  'reason.robot_failed': 'The robot failed',
  'reason.robot_timeout': 'The robot did not answer in time',
  'reason.notice_not_sent': 'The privacy notice could not be sent',
  'reason.answer_not_sent': 'The robot’s answer could not be sent',
}

/** @type {Record<keyof typeof en, string>} */
const pt = {
  skip: 'Pular para quem está aguardando',
  language: 'Idioma',
  signOut: 'Sair',
  notSignedOut: 'Você talvez ainda esteja conectado: o serviço não respondeu. Tente de novo antes de sair.',
  pageTitle: 'Console',
  connecting: 'conectando',
  live: 'ao vivo',
  secondsAgo: 'ao vivo · há {time}',
  stopped: 'parado',
  title: 'Conversas agora',
  withRobot: 'Com o robô',
  waitingForPeople: 'Aguardando atendente',
  ending: 'Encerrando',
  closedToday: 'Encerradas hoje',
  waitingList: 'Quem está aguardando, do mais antigo ao mais novo',
  nobodyWaits: 'Ninguém está aguardando atendente.',
  conversation: 'Conversa',
  queue: 'Fila',
  reason: 'Motivo',
  waitingFor: 'Espera',
  more: 'Mais {count} estão aguardando.',
  desk: 'Abrir a mesa de atendimento',
  places: 'Páginas',
  wallboard: 'Painel',
  liveList: 'Ao vivo',
  figures: 'Indicadores',
  search: 'Busca',
  judging: 'Avaliações',
  audit: 'Auditoria',
  privacy: 'Esta página não mostra textos de mensagens, nomes nem telefones.',
  bannerStopped: 'A transmissão ao vivo parou. Os números abaixo são de {time}. Tentando de novo sozinha.',
  bannerNever:
    'Não foi possível iniciar a transmissão ao vivo. Ainda não há números. Tentando de novo sozinha.',
  bannerCatchingUp: 'O serviço está lendo o registro atrasado: os números abaixo são do passado.',
  bannerStale:
    'Não foi possível ler os registros de {count} clientes. O que aparece deles está desatualizado.',
  'reason.requested': 'O cliente pediu um atendente',
  'reason.robot_failed': 'O robô falhou',
  'reason.robot_timeout': 'O robô não respondeu a tempo',
  'reason.notice_not_sent': 'O aviso de privacidade não pôde ser enviado',
  'reason.answer_not_sent': 'A resposta do robô não pôde ser enviada',
}

/** @type {Record<keyof typeof en, string>} */
const bn = {
  skip: 'যারা অপেক্ষা করছেন তাদের তালিকায় যান',
  language: 'ভাষা',
  signOut: 'বেরিয়ে যান',
  notSignedOut: 'আপনি হয়তো এখনও সাইন ইন অবস্থায় আছেন: সার্ভিস উত্তর দেয়নি। যাওয়ার আগে আবার চেষ্টা করুন।',
  pageTitle: 'কনসোল',
  connecting: 'সংযোগ হচ্ছে',
  live: 'সরাসরি',
  secondsAgo: 'সরাসরি · {time} আগে',
  stopped: 'বন্ধ',
  title: 'এখনকার কথোপকথন',
  withRobot: 'রোবটের সঙ্গে',
  waitingForPeople: 'এজেন্টের অপেক্ষায়',
  ending: 'শেষ হচ্ছে',
  closedToday: 'আজ শেষ হয়েছে',
  waitingList: 'যারা অপেক্ষা করছেন, সবচেয়ে পুরোনো আগে',
  nobodyWaits: 'এজেন্টের জন্য কেউ অপেক্ষা করছেন না।',
  conversation: 'কথোপকথন',
  queue: 'সারি',
  reason: 'কারণ',
  waitingFor: 'অপেক্ষা',
  more: 'আরও {count}টি কথোপকথন অপেক্ষা করছে।',
  desk: 'ডেস্ক খুলুন',
  places: 'পাতা',
  wallboard: 'ওয়ালবোর্ড',
  liveList: 'চলমান',
  figures: 'সূচক',
  search: 'খোঁজ',
  judging: 'মূল্যায়ন',
  audit: 'নিরীক্ষা',
  privacy: 'এই পাতায় কোনো বার্তার লেখা, নাম বা ফোন নম্বর দেখানো হয় না।',
  bannerStopped: 'সরাসরি প্রবাহ থেমে গেছে। নিচের সংখ্যাগুলো {time}-এর। নিজে থেকেই আবার চেষ্টা চলছে।',
  bannerNever: 'সরাসরি প্রবাহ পাওয়া যাচ্ছে না। এখনও কোনো সংখ্যা নেই। নিজে থেকেই আবার চেষ্টা চলছে।',
  bannerCatchingUp: 'সেবাটি পুরোনো নথি পড়ছে: নিচের সংখ্যাগুলো আগের সময়ের।',
  bannerStale: '{count} জন গ্রাহকের নথি পড়া যায়নি। তাদের যা দেখানো হচ্ছে তা পুরোনো।',
  'reason.requested': 'গ্রাহক এজেন্ট চেয়েছেন',
  'reason.robot_failed': 'রোবট কাজ করতে পারেনি',
  'reason.robot_timeout': 'রোবট সময়মতো উত্তর দেয়নি',
  'reason.notice_not_sent': 'গোপনীয়তার বিজ্ঞপ্তি পাঠানো যায়নি',
  'reason.answer_not_sent': 'রোবটের উত্তর পাঠানো যায়নি',
}

/** @type {Record<Language, Record<string, string>>} */
const TEXTS = { en, pt, bn }

/**
 * @param {Language} language
 * @param {string} key
 * @param {Record<string, string>} [values]
 * @returns {string | undefined}
 */
export function textOf(language, key, values = {}) {
  return TEXTS[language][key]?.replaceAll(/\{(\w+)\}/g, (_, name) => values[name] ?? '')
}
