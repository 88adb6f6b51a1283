import { adminToken } from '../../../support/app.ts';
import { NOBODY } from '../good-bodies.ts';
import { at, type Provocation, type Provocations } from './provocation.ts';

const nobodyAt = (rest = '') => ({ webhook_not_found: at(`/v1/webhooks/${NOBODY}${rest}`) });

const someoneAt =
  (rest: string): Provocation =>
  async (test) => {
    const { body } = await test.http
      .post('/v1/webhooks')
      .set('authorization', `Bearer ${await adminToken(test)}`)
      .send({ url: 'https://hooks.example.com/', enabled: false });
    return { path: `/v1/webhooks/${body.result.webhook_id}${rest}` };
  };

export const webhooks: Provocations = {
  'post /v1/webhooks': {},
  'get /v1/webhooks/{webhook_id}': nobodyAt(),
  'patch /v1/webhooks/{webhook_id}': nobodyAt(),
  'delete /v1/webhooks/{webhook_id}': nobodyAt(),
  'post /v1/webhooks/{webhook_id}/secret': nobodyAt('/secret'),
  'post /v1/webhooks/{webhook_id}/test': nobodyAt('/test'),
  'post /v1/webhooks/{webhook_id}/replay': nobodyAt('/replay'),
  'get /v1/webhooks/{webhook_id}/deliveries': nobodyAt('/deliveries'),
  'post /v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay': {
    ...nobodyAt('/deliveries/msg_none/replay'),
    delivery_not_found: someoneAt('/deliveries/msg_none/replay'),
  },
};
