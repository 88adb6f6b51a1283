import type { ViewModels, Words } from '../../platform/view-model.ts';

interface LinkRefused extends Words {
  purpose: string;
  flaw: string;
}

const EMBLEMS: Record<string, string> = { used: 'check', expired: 'hourglass-low' };

export const linkViewModels: ViewModels = {
  'link-refused': ({ purpose, flaw, t }: LinkRefused) => {
    const say = (part: string) => t([`linkRefused.${purpose}.${flaw}.${part}`, `linkRefused.${flaw}.${part}`]);
    return { title: say('title'), text: say('text'), emblem: EMBLEMS[flaw] ?? 'alert-triangle' };
  },
};
