import type { Language } from '../state/written-language.ts'

const en = {
  skip: 'Skip to the page',
  everything: 'Go to',
  notAllowed: 'Your role does not show this.',
  notAllowedHint: 'Ask an administrator for the role that you need, or go back to the desk.',
  refused: 'This cannot be shown.',
  failed: 'It could not be loaded.',
  failedHint: 'The service, or the archive behind it, did not answer.',
  refusals: {
    FIGURE_TOO_LARGE: 'That is too much at a time: ask for days instead of hours, or for a shorter period.',
    FIGURE_QUESTION_INVALID: 'There is no such figure, or it is not counted so: choose another one.',
    QUERY_INVALID: 'The address holds something that cannot be asked: choose the filters anew.',
    BODY_INVALID: 'The address holds something that cannot be asked: choose the filters anew.',
    NOT_FOUND: 'There is no such thing, or it is not yours to see.',
  } as Record<string, string>,
  all: 'All',
  from: 'From',
  to: 'To',
  queue: 'Queue',
  agent: 'Agent',
}
export type PageTexts = typeof en

const pt: PageTexts = {
  skip: 'Ir para a página',
  everything: 'Ir para',
  notAllowed: 'O seu papel não mostra isto.',
  notAllowedHint: 'Peça a um administrador o papel necessário, ou volte à mesa.',
  refused: 'Isto não pode ser mostrado.',
  failed: 'Não foi possível carregar.',
  failedHint: 'O serviço, ou o arquivo atrás dele, não respondeu.',
  refusals: {
    FIGURE_TOO_LARGE: 'É demais de uma vez: peça dias em vez de horas, ou um período menor.',
    FIGURE_QUESTION_INVALID: 'Não há esse indicador, ou ele não é contado assim: escolha outro.',
    QUERY_INVALID: 'O endereço tem algo que não pode ser pedido: escolha os filtros de novo.',
    BODY_INVALID: 'O endereço tem algo que não pode ser pedido: escolha os filtros de novo.',
    NOT_FOUND: 'Não existe, ou não é seu para ver.',
  },
  all: 'Tudo',
  from: 'De',
  to: 'Até',
  queue: 'Fila',
  agent: 'Atendente',
}

const bn: PageTexts = {
  skip: 'পাতায় যান',
  everything: 'কোথায় যাবেন',
  notAllowed: 'আপনার ভূমিকায় এটি দেখা যায় না।',
  notAllowedHint: 'প্রশাসকের কাছে প্রয়োজনীয় ভূমিকা চান, অথবা ডেস্কে ফিরে যান।',
  refused: 'এটি দেখানো যাচ্ছে না।',
  failed: 'আনা গেল না।',
  failedHint: 'সেবা, বা তার পেছনের সংরক্ষণাগার, সাড়া দেয়নি।',
  refusals: {
    FIGURE_TOO_LARGE: 'একবারে এটি বেশি: ঘণ্টার বদলে দিন, বা ছোট সময়কাল চান।',
    FIGURE_QUESTION_INVALID: 'এমন সূচক নেই, বা এভাবে গোনা হয় না: অন্যটি বাছুন।',
    QUERY_INVALID: 'ঠিকানায় এমন কিছু আছে যা চাওয়া যায় না: ছাঁকনি আবার বাছুন।',
    BODY_INVALID: 'ঠিকানায় এমন কিছু আছে যা চাওয়া যায় না: ছাঁকনি আবার বাছুন।',
    NOT_FOUND: 'এমন কিছু নেই, বা আপনার দেখার নয়।',
  },
  all: 'সব',
  from: 'থেকে',
  to: 'পর্যন্ত',
  queue: 'সারি',
  agent: 'এজেন্ট',
}

export const PAGE_TEXTS: Readonly<Record<Language, PageTexts>> = { pt, en, bn }
