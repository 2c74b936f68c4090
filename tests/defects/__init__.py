"""What systems like this one get wrong, each as a promise of ours: docs/defects.md lists them."""
