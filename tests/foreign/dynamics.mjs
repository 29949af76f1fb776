// Calls dynamics-web-api as it is told, line by line: {"calls": [[name, request] …], "batch": whether they go out as one}.
import {createInterface} from 'node:readline';
import {DynamicsWebApi} from 'dynamics-web-api';

const [, , serverUrl, token] = process.argv;
const client = new DynamicsWebApi({serverUrl, dataApi: {version: '9.2'}, onTokenRefresh: async () => token});

async function answer({calls, batch}) {
  if (!batch) return client[calls[0][0]](calls[0][1]);
  client.startBatch();
  for (const [name, request] of calls) client[name](request).catch(() => {});
  return client.executeBatch();
}

for await (const line of createInterface({input: process.stdin})) {
  try {
    console.log(JSON.stringify({said: (await answer(JSON.parse(line))) ?? null}));
  } catch (error) {
    const told = Array.isArray(error) ? error[0] : error;
    const why = told.error ?? told; // it leaves the error of a part wrapped
    console.log(JSON.stringify({failed: {status: told.status ?? 0, code: why.code ?? '', message: String(why.message)}}));
  }
}
