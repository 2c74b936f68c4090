const place = document.getElementById("api");
SwaggerUIBundle({
  url: place.dataset.schema, domNode: place, deepLinking: true, docExpansion: "none", validatorUrl: null,
  defaultModelsExpandDepth: -1, persistAuthorization: false,
});
