// An OData server nobody here wrote, on loopback: node odata.cjs FOLDER, which holds metadata.xml and data/*.json. Prints its port.
const { join } = require('node:path');
const express = require('express');
const MockServer = require('@sap-ux/fe-mockserver-core').default;

const folder = process.argv[2];
const service = {
  urlPath: '/api/data/v9.2',
  metadataPath: join(folder, 'metadata.xml'),
  mockdataPath: join(folder, 'data'),
  generateMockData: false,
  watch: false,
  validateETag: true,
};

(async () => {
  const mock = new MockServer({ services: [service], annotations: [], plugins: [] });
  await mock.isReady;
  const server = express().use(mock.getRouter()).listen(0, '127.0.0.1', () => console.log(server.address().port));
})();
